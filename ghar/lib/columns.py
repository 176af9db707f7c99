"""Columns that the one clock fills."""

from typing import Any

from django.db import models

from ghar.lib import clock


class ChangedAtField(models.DateTimeField):
    """When the row was last saved. Django's `auto_now` alone would ask the machine."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_now": True})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        moment = clock.now()
        setattr(model_instance, self.attname, moment)
        return moment

    def deconstruct(self) -> Any:
        """To a migration it is the plain column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs
