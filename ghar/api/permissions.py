"""Who may call a route at all. What they may do with one object, policies decide."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ghar.errors import NotAllowed, NotAuthenticated


class Anybody(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return True


class IsCaller(BasePermission):
    """A signed-in user or a seeker session."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller is None:
            raise NotAuthenticated
        return True


class IsSignedIn(BasePermission):
    """A user with an account."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.caller is None or view.caller.actor_kind == "session":
            raise NotAuthenticated
        return True


class IsAdmin(IsSignedIn):
    """Staff with their second factor; 401 to nobody in particular, 403 to everybody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(view.caller, "staff_rights_withheld", False):
            raise NotAllowed(code="MFA_REQUIRED")
        return super().has_permission(request, view) and view.caller.is_admin
