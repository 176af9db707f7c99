from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    name = "ghar.properties"
    label = "properties"
