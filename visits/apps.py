from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        # They register themselves.
        from visits import personal, receivers  # noqa: F401, PLC0415
        from visits.admin import agents, visits  # noqa: F401, PLC0415
        from visits.services import calendar_file  # noqa: F401, PLC0415
