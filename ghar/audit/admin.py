from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ghar.admin import ReadOnlyAdmin
from ghar.audit import services
from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.models import Flag


class ChainPaginator(Paginator):
    """Rows are numbered from one without a gap and none ever goes: the newest number counts them all,
    where PostgreSQL would read the whole chain at each opening of the list.
    """

    object_list: QuerySet[AuditEvent]

    @cached_property
    def count(self) -> int:
        if self.object_list.query.has_filters():
            return super().count
        return AuditEvent.objects.aggregate(newest=Max("id"))["newest"] or 0


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The newest first. What would go through the whole chain is left out: whoever looks for one
    row knows its target.
    """

    list_display = (
        "at",
        "actor_label",
        "actor_kind",
        "action",
        "target_type",
        "target_id",
        "channel",
    )
    list_filter = ("channel",)
    search_fields = ("=actor_id", "=target_id")
    ordering = ("-id",)
    show_full_result_count = False
    paginator = ChainPaginator


class FlagForm(forms.ModelForm):
    """A name that nothing asks for would switch nothing."""

    name = forms.ChoiceField(label=_("name"), choices=[(name, name) for name in settings.FLAGS])

    class Meta:
        model = Flag
        fields = ("name", "is_on", "note")


@admin.register(Flag)
class FlagAdmin(admin.ModelAdmin):
    """Here and not with the rest of the core: who switched what is in the audit."""

    form = FlagForm
    list_display = ("name", "is_on", "note", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Flag | None = None) -> Any:
        return ("name", "updated_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Flag, form: Any, change: bool) -> None:
        by: Any = request.user  # the console lets in nobody else
        services.switch_flag(flag=obj, by=by, now=clock.now())

    def has_delete_permission(self, request: HttpRequest, obj: Flag | None = None) -> bool:
        return False
