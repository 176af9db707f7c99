"""The admin site: every page of it works as staff under row-level security."""

import functools
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from ghar import flags
from ghar.lib import rls
from ghar.models import ClockOffset, Flag


class GharAdminSite(admin.AdminSite):
    site_header = "ghar"
    site_title = "ghar"
    index_title = _("Back office")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The stock guard, around one transaction that acts as staff.

        The response is rendered inside: a lazy template would read its rows after the role is gone.
        """

        @functools.wraps(view)
        def as_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with rls.acting_as(rls.STAFF, uid=request.user.pk):
                response = view(request, *args, **kwargs)
                if hasattr(response, "render"):
                    response = response.render()
                return response

        return super().admin_view(as_staff, cacheable)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """On our own page: the tokens and streams of the account end with the old password."""
        return redirect("accounts:change-password")


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Flag)
class FlagAdmin(admin.ModelAdmin):
    list_display = ("name", "is_on", "note", "updated_at")
    readonly_fields = ("updated_at",)

    def save_model(self, request: HttpRequest, obj: Flag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        flags.forget()

    def has_delete_permission(self, request: HttpRequest, obj: Flag | None = None) -> bool:
        return False


@admin.register(ClockOffset)
class ClockOffsetAdmin(ReadOnlyAdmin):
    """The clock moves by `manage.py advance_clock` alone."""
