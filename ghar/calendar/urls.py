from django.urls import path, re_path

from ghar.calendar import views
from ghar.calendar.api import FeedKeyViewSet, FeedViewSet

urlpatterns = [path("settings/calendar/", views.feed, name="feed")]
api_urlpatterns = [
    re_path(r"^calendar\.ics/?$", FeedViewSet.as_view({"get": "retrieve"}), name="calendar-feed"),
    re_path(
        r"^calendar/key/?$",
        FeedKeyViewSet.as_view({"post": "create", "delete": "destroy"}),
        name="calendar-key",
    ),
]
