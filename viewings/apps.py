from django.apps import AppConfig


class ViewingsConfig(AppConfig):
    name = "viewings"

    def ready(self) -> None:
        from viewings import receivers  # noqa: F401, PLC0415 -- connects the receivers
