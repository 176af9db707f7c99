from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class GharConfig(AppConfig):
    name = "ghar"
    label = "ghar"

    def ready(self) -> None:
        from ghar import checks  # noqa: F401, PLC0415 -- registers the system checks
        from ghar.celery import app  # noqa: F401, PLC0415 -- shared_task binds to this app

        # The web wakes tasks by name; only a worker would look for them by itself.
        autodiscover_modules("tasks")


class GharAdminConfig(AdminConfig):
    """The Django admin with our site class, which works under row-level security."""

    default_site = "ghar.console.GharAdminSite"
