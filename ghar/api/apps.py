from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "ghar.api"
    label = "api"
