from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.notifications.models import Delivery, Notification
from ghar.notifications.services import outbox


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("title", "type", "user", "session", "is_read", "visible_at")
    list_filter = ("type", "purpose", "is_dispatched", "is_read")
    list_select_related = ("user", "session")
    search_fields = ("title", "route")
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The outbox: what left the site, what waits, and what was given up. No row has an address."""

    list_display = (
        *("title", "channel", "purpose", "user", "session"),
        *("state", "attempts", "last_error", "due_at", "sent_at"),
    )
    list_filter = ("state", "channel", "purpose")
    list_select_related = ("user", "session")
    search_fields = ("title", "key")
    ordering = ("-id",)
    actions = ("try_again",)
    fields = (
        *("channel", "purpose", "type", "user", "session"),
        *("title", "body", "route", "key"),
        *("state", "attempts", "last_error", "due_at", "lease_until", "sent_at", "created_at"),
    )

    @admin.action(description=_("Try again what was given up"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        done = 0
        for delivery in queryset:
            try:
                outbox.retry_delivery(delivery=delivery, by=request.user)
                done += 1
            except DomainError as error:
                messages.error(request, f"{delivery}: {error.message}")
        if done:
            words = ngettext("%(n)s goes out again.", "%(n)s go out again.", done) % {"n": done}
            messages.success(request, words)
