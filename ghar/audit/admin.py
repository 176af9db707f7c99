from django.contrib import admin

from ghar.admin import ReadOnlyAdmin
from ghar.audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "actor_label",
        "actor_kind",
        "action",
        "target_type",
        "target_id",
        "channel",
    )
    list_filter = ("channel", "actor_kind", "action")
    search_fields = ("=actor_id", "actor_label", "=target_id", "action")
    ordering = ("-id",)
    date_hierarchy = "at"
    # The chain makes a count exact but slow; the newest page is what people come for.
    show_full_result_count = False
