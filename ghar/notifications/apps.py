from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "ghar.notifications"
    label = "notifications"
