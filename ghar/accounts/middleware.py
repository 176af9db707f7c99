from collections.abc import Callable
import re
from typing import Any

from allauth.core.exceptions import RateLimited as SecondFactorLimited
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject

from ghar.accounts.authentication import caller_by_cookies, lacks_second_factor
from ghar.accounts.models import User
from ghar.accounts.policies import SUSPENDED_PAGE, is_page_open
from ghar.api.errors import is_api
from ghar.audit.models import AuditChannel
from ghar.audit.services import through
from ghar.errors import NotAllowed, RateLimited
from ghar.lib.guards import PageRequest
from ghar.notifications.services.lines import count_unread

GetResponse = Callable[[PageRequest], HttpResponse]

STREAM_URL = "/api/v1/events"
PHOTOS = "/media/photos/"
# What nobody but its reader should keep or index, even where the reader has no account.
_PRIVATE = re.compile(
    r"^/(v|viewings|visits|settings|notifications|host|me|saved|chats|likes|people|agent|welcome"
    r"|accounts|admin|restore|password|api|rooms/[^/]+/(viewing|visit))(/|$)"
)


class CallerMiddleware:
    """Sets `request.caller` (User, SeekerSession or None) and names the way in for the audit."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponse:
        # The API finds its caller itself: its headers come before cookies. So do listing photos: most
        # are for everybody, and whoever looks at a page asks for twenty of them.
        finds_it_itself = is_api(request) or request.path.startswith(PHOTOS)
        request.caller = None if finds_it_itself else caller_by_cookies(request)
        with through(_channel(request)):
            return self.get_response(request)

    def process_exception(self, request: PageRequest, error: Exception) -> HttpResponse | None:
        """Limits on pages: ours, and those of allauth as for the second factor."""
        if not isinstance(error, RateLimited | SecondFactorLimited):
            return None
        response = render(request, "accounts/rate_limited.html", status=429)
        response["Retry-After"] = str(getattr(error, "retry_after", 300))
        return response


class SuspensionMiddleware:
    """Somebody whose account is suspended finds one page that says why, and the ways out of it.

    The API says it by itself, in its authentication.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: PageRequest, *_: Any) -> HttpResponse | None:
        caller, match = request.caller, request.resolver_match
        if not isinstance(caller, User) or match is None or is_page_open(caller, match.view_name):
            return None
        return redirect(SUSPENDED_PAGE)


class StaffGateMiddleware:
    """Staff without a second factor find an enrolment page in the admin, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponse:
        user = request.user
        if _is_admin(request) and user.is_authenticated and lacks_second_factor(user):
            return _refuse(request, "MFA_REQUIRED")
        return self.get_response(request)

    def process_exception(self, request: PageRequest, error: Exception) -> HttpResponse | None:
        """What needs a recent sign-in, on pages; the API says it in its own words."""
        if not isinstance(error, NotAllowed) or error.code != "REAUTHENTICATION_REQUIRED":
            return None
        return None if is_api(request) else _refuse(request, error.code)


class PrivatePagesMiddleware:
    """What is meant for one reader is neither indexed nor kept by anybody else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponse:
        response = self.get_response(request)
        if "public" in response.get("Cache-Control", ""):
            return response
        if _PRIVATE.match(request.path) or request.caller is not None:
            response["X-Robots-Tag"] = "noindex"
            response["Cache-Control"] = "private, no-store"
        return response


def site_context(request: PageRequest) -> dict[str, Any]:
    """What every page may use."""
    caller = getattr(request, "caller", None)
    is_suspended = isinstance(caller, User) and caller.is_suspended
    return {
        "caller": caller,
        "stream_url": STREAM_URL if caller and not is_suspended else "",
        "unread_count": SimpleLazyObject(lambda: count_unread(caller) if caller else 0),
        "grievance_contact": settings.GRIEVANCE_CONTACT,
    }


def _channel(request: PageRequest) -> AuditChannel:
    if is_api(request):
        return AuditChannel.API
    return AuditChannel.ADMIN if _is_admin(request) else AuditChannel.PAGE


def _is_admin(request: PageRequest) -> bool:
    return request.path.startswith("/admin/")


def _refuse(request: PageRequest, code: str) -> HttpResponse:
    return render(request, "accounts/staff_gate.html", {"code": code}, status=403)
