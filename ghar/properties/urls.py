from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path
from django.views.decorators.cache import cache_control

from ghar.lib.ids import UUID_PATTERN
from ghar.properties.api import router
from ghar.properties.views import host, photos, public, saved

SIZE = "(?P<size>large|medium|small)"
ID = f"(?P<pk>{UUID_PATTERN})"

urlpatterns = [
    path("rooms/", public.search, name="search"),
    path("rooms/map/", public.on_map, name="map"),
    path("rooms/<slug:slug>-<id:pk>/", public.detail, name="detail"),
    path("host/", host.index, name="host"),
    path("host/new/", host.start, name="start"),
    path("host/new/<slug:step>/", host.build, name="new"),
    path("host/<id:pk>/", host.listing, name="listing"),
    path("host/<id:pk>/state/", host.state, name="state"),
    path("host/<id:pk>/preview/", host.preview, name="preview"),
    path("host/<id:pk>/photos/", photos.photos, name="photos"),
    path("host/<id:pk>/photos/grid/", photos.grid, name="photo-grid"),
    path("host/<id:pk>/photos/order/", photos.order, name="photo-order"),
    path("host/<id:pk>/photos/<id:media_id>/", photos.change, name="photo-change"),
    path("saved/", saved.index, name="saved"),
    path("saved/listings/<id:pk>/", saved.listing, name="save-listing"),
    path("saved/searches/new/", saved.new_search, name="save-search"),
    path("saved/searches/<id:pk>/", saved.search, name="saved-search"),
    re_path(rf"^media/photos/{ID}/{SIZE}\.jpg$", public.photo, name="photo"),
    re_path(rf"^media/uploads/{ID}/{SIZE}\.jpg$", public.upload, name="upload"),
    path(
        "sitemap.xml",
        cache_control(public=True, max_age=3600)(sitemap),
        {"sitemaps": {"listings": public.ListingSitemap}},
        name="sitemap",
    ),
]
api_urlpatterns = router.urls
