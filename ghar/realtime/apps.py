from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "ghar.realtime"
    label = "realtime"
