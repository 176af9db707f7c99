from django.apps import AppConfig


class ViewingsConfig(AppConfig):
    name = "viewings"

    def ready(self) -> None:
        # They register themselves.
        from viewings import personal, receivers  # noqa: F401, PLC0415
        from viewings.services import calendar_file, reliability  # noqa: F401, PLC0415
