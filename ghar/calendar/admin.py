from django.contrib import admin

from ghar.admin import ReadOnlyAdmin
from ghar.calendar.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    """What people are told ahead; the dead ones were tried five times over half an hour."""

    list_display = ("id", "state", "attempts", "due_at", "kind", "channel", "entry", "last_error")
    list_filter = ("state", "kind", "channel")
    list_select_related = ("entry",)
    ordering = ("-id",)
