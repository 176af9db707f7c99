"""Who may open a page at all, and what a page sent back that may be anything."""

from collections.abc import Callable
import functools
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


class PageRequest(HttpRequest):
    """A request that CallerMiddleware has seen: `caller` is a User, a SeekerSession or None."""

    caller: Any
    user: Any


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """For pages of a signed-in user; others are sent to sign in."""
    return _guard(view, lambda request: request.user.is_authenticated)


def caller_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a signed-in user or a seeker session."""
    return _guard(view, lambda request: request.caller is not None)


def _guard(view: Callable[..., Any], lets_in: Callable[[Any], bool]) -> Callable[..., Any]:
    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        if lets_in(request):
            return view(request, *args, **kwargs)
        query = urlencode({"next": _where_to_go_on(request)}, safe="/")
        return redirect(f"{settings.LOGIN_URL}?{query}")

    return guarded


def _where_to_go_on(request: HttpRequest) -> str:
    """After signing in: here, or where the form stood. What it sent is lost with the login, and its
    address may open no page.
    """
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    if request.method == "POST" and is_ours:
        came_from = urlsplit(page)
        return urlunsplit(("", "", came_from.path or "/", came_from.query, ""))
    return request.get_full_path()


def read_uuid(text: str) -> uuid.UUID:
    """Not found where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def next_page(request: HttpRequest, default: str) -> str:
    """Where the form that was posted came from (`next`), if that is a path of ours."""
    return own_path(request.POST.get("next", "")) or default


def own_path(wanted: str) -> str:
    """`wanted` if that is a path of ours, else nothing."""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""
