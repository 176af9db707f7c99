from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FlatmatesConfig(AppConfig):
    name = "flatmates"
    verbose_name = _("Flatmates")

    def ready(self) -> None:
        from flatmates import personal, receivers  # noqa: F401, PLC0415 -- they register themselves
