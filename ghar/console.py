"""The site class of the admin: every page of it works as staff under row-level security.

It stands apart from what is registered: Django makes the site from this module, and whatever was
registered while that goes on would be registered with another one.
"""

import functools
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from ghar.lib import rls


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
