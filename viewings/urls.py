from django.urls import path

from viewings.api import router
from viewings.views import link, pages

urlpatterns = [
    path("rooms/<id:pk>/viewing/new", pages.new, name="new"),
    path("viewings/", pages.index, name="index"),
    path("host/viewings/", pages.host, name="host"),
    path("viewings/<id:pk>/", pages.detail, name="detail"),
    path("viewings/<id:pk>/state/", pages.state, name="state"),
    path("viewings/<id:pk>/calendar.ics", pages.calendar, name="calendar"),
    path("viewings/<id:pk>/<slug:verb>/", pages.step, name="step"),
    path("v/<str:token>/", link.page, name="link"),
    path("v/<str:token>/state/", link.state, name="link-state"),
    path("v/<str:token>/calendar.ics", link.calendar, name="link-calendar"),
    path("v/<str:token>/<slug:verb>/", link.step, name="link-step"),
]
api_urlpatterns = router.urls
