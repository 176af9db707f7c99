from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from moderation import personal, receivers  # noqa: F401, PLC0415 -- they register themselves
