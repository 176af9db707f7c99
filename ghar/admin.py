"""What the core shows in the console, and what the consoles of the apps are made of."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ghar.models import ClockOffset


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttentionFilter(admin.SimpleListFilter):
    """What a moderator looks for: each app names its own, with how to find it."""

    title = _("attention")
    parameter_name = "attention"
    narrowings: ClassVar[dict[str, tuple[Any, Callable[[Any], Any]]]]

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _narrow) in self.narrowings.items()]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return self.narrowings[chosen][1](queryset) if chosen in self.narrowings else queryset


@admin.register(ClockOffset)
class ClockOffsetAdmin(ReadOnlyAdmin):
    """The clock moves by `manage.py advance_clock` alone."""
