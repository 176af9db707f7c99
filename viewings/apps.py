from django.apps import AppConfig


class ViewingsConfig(AppConfig):
    name = "viewings"

    def ready(self) -> None:
        from viewings import personal, receivers  # noqa: F401, PLC0415 -- they register themselves
