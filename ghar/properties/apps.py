from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    name = "ghar.properties"
    label = "properties"

    def ready(self) -> None:
        from ghar.properties import personal, receivers  # noqa: F401, PLC0415 -- they register
