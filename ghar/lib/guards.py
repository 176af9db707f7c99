"""Who may open a page at all, and what a page sent back that may be anything."""

from collections.abc import Callable
import functools
from typing import Any
from urllib.parse import urlencode
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


class PageRequest(HttpRequest):
    """A request that CallerMiddleware has seen: `caller` is a User, a SeekerSession or None."""

    caller: Any
    user: Any


def caller_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """For pages of a signed-in user or a seeker session; others are sent to sign in."""

    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.caller is None:
            query = urlencode({"next": request.get_full_path()}, safe="/")
            return redirect(f"{settings.LOGIN_URL}?{query}")
        return view(request, *args, **kwargs)

    return guarded


def read_uuid(text: str) -> uuid.UUID:
    """Not found where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def next_page(request: HttpRequest, default: str) -> str:
    """Where the form that was posted came from (`next`), if that is a page of ours."""
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else default
