"""/v/<token>/: the page of a seeker without an account, on whatever device the link was opened.

Following it only shows; every change is a POST, because scanners of mail follow links too.
"""

from collections.abc import Callable
import functools
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from ghar.errors import NotFound
from ghar.lib.guards import PageRequest
from ghar.lib.rls import acting_for
from viewings.services.links import Followed, changes_since, read_token
from viewings.views.pages import calendar_response
from viewings.views.room import act, fragment, show


def with_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run the page as the session to which the link was given; tell nobody where it came from."""

    @functools.wraps(view)
    def opened(request: PageRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            followed = read_token(token)
        except NotFound as error:
            raise Http404 from error
        if followed.session.claimed_by_id:
            # It belongs to an account now, and the account signs in.
            response: HttpResponse = redirect(followed.viewing)
        else:
            with acting_for(followed.session):
                response = view(request, followed, base=f"/v/{token}/", **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


@require_safe
@with_link
def page(request: PageRequest, followed: Followed, base: str) -> HttpResponse:
    news = changes_since(followed)
    return show(request, followed.viewing, by=followed.session, base=base, news=news)


@require_safe
@with_link
def state(request: PageRequest, followed: Followed, base: str) -> HttpResponse:
    return fragment(request, followed.viewing, by=followed.session, base=base)


@require_POST
@with_link
def step(request: PageRequest, followed: Followed, base: str, verb: str) -> HttpResponse:
    return act(request, followed.viewing, verb=verb, by=followed.session, base=base)


@require_safe
@with_link
def calendar(request: PageRequest, followed: Followed, base: str) -> HttpResponse:
    return calendar_response(followed.viewing, by=followed.session)
