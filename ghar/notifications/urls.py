from django.urls import path, re_path

from ghar.lib.ids import UUID_PATTERN
from ghar.notifications import views
from ghar.notifications.api import ChannelViewSet, DeviceViewSet, NotificationViewSet

notifications = NotificationViewSet.as_view({"get": "list", "put": "read_all"})
notification = NotificationViewSet.as_view({"put": "update"})
devices = DeviceViewSet.as_view({"post": "create"})
device = DeviceViewSet.as_view({"delete": "destroy"})
channels = ChannelViewSet.as_view({"get": "retrieve", "put": "update"})

ID = f"(?P<pk>{UUID_PATTERN})"

api_urlpatterns = [
    re_path(r"^flatmates/notifications/?$", notifications, name="notification-list"),
    re_path(rf"^flatmates/notifications/{ID}/?$", notification, name="notification-detail"),
    re_path(r"^notifications/devices/?$", devices, name="device-list"),
    re_path(rf"^notifications/devices/{ID}/?$", device, name="device-detail"),
    re_path(r"^users/me/channels/?$", channels, name="user-channels"),
]

urlpatterns = [
    path("notifications/", views.notification_list, name="list"),
    path("notifications/read/", views.read_all, name="read-all"),
    path("notifications/newest/", views.newest, name="newest"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/<id:pk>/open/", views.open_notification, name="open"),
    path("notifications/channels/", views.channels, name="channels"),
]
