from django.contrib import admin

from ghar.admin import ReadOnlyAdmin
from ghar.notifications.models import Delivery, Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("title", "type", "user", "session", "is_read", "visible_at")
    list_filter = ("type", "is_read")
    list_select_related = ("user", "session")
    search_fields = ("title", "route")
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The outbox: what left the site, what waits, and what was given up."""

    list_display = ("title", "channel", "purpose", "user", "session", "state", "due_at", "sent_at")
    list_filter = ("state", "channel", "purpose")
    list_select_related = ("user", "session")
    search_fields = ("title", "key")
    ordering = ("-id",)
