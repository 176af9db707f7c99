from django.urls import path

from viewings.api import router
from viewings.views import link, pages

urlpatterns = [
    path("rooms/<uuid:pk>/viewing/new", pages.new, name="new"),
    path("viewings/", pages.index, name="index"),
    path("host/viewings/", pages.host, name="host"),
    path("viewings/<uuid:pk>/", pages.detail, name="detail"),
    path("viewings/<uuid:pk>/state/", pages.state, name="state"),
    path("viewings/<uuid:pk>/calendar.ics", pages.calendar, name="calendar"),
    path("viewings/<uuid:pk>/<slug:verb>/", pages.step, name="step"),
    path("v/<str:token>/", link.page, name="link"),
    path("v/<str:token>/state/", link.state, name="link-state"),
    path("v/<str:token>/calendar.ics", link.calendar, name="link-calendar"),
    path("v/<str:token>/<slug:verb>/", link.step, name="link-step"),
]
api_urlpatterns = router.urls
