"""Who may open a page at all."""

from collections.abc import Callable
import functools
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect


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
