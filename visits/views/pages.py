"""One's own visits: what waits, what comes, what was; and each of them."""

from typing import Any, Final
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from ghar.accounts.models import User
from ghar.api.pages import paginate_page
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from visits.models import Agent, Visit
from visits.models.visits import NEWEST_FIRST
from visits.policies import steps as policies
from visits.rules.next_step import needs_answer
from visits.services.calendar_file import calendar_file
from visits.views.month import month_context
from visits.views.room import act, own_visit, show, visit_context

# More open visits than this nobody has; the closed ones come in pages.
MOST_ACTIVE: Final = 100


@require_safe
@login_required
def index(request: PageRequest) -> HttpResponse:
    """What waits for the reader comes first; or everything on the days of a month."""
    context: dict[str, Any] = {"has_agent_day": Agent.objects.of_user(request.user).exists()}
    if request.GET.get("view") == "month":
        context |= month_context(request.user, request.GET.get("month", ""))
        return _page(request, "month", context)
    return _page(request, "index", context | _lists(request))


def _page(request: PageRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    # The page fetches its changing part anew when something happens.
    template = {"index": "_lists", "month": "_month"}[name] if "part" in request.GET else name
    return render(request, f"visits/{template}.html", context)


def _lists(request: PageRequest) -> dict[str, Any]:
    now = clock.now()
    mine = Visit.objects.of(request.user).for_list(policies.undo_since(now))
    active = mine.active().order_by("scheduled_date", "id")[:MOST_ACTIVE]
    closed = paginate_page(request, mine.closed(), order=NEWEST_FIRST)
    rows = [_row(visit, request.user) for visit in active]
    return {
        "waiting": [row for row in rows if row["needs_me"]],
        "others": [row for row in rows if not row["needs_me"]],
        "closed": [_row(visit, request.user) for visit in closed.rows],
        "next_cursor": closed.next_cursor,
    }


def _row(visit: Visit, by: User) -> dict[str, Any]:
    actions = policies.allowed_actions(visit, by, clock.now())
    is_mine = visit.user_id == by.pk
    return {
        "visit": visit,
        "needs_me": needs_answer(actions),
        "with": (visit.counterparty or visit.host) if is_mine else visit.user,
    }


@require_safe
@login_required
def detail(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    return show(request, own_visit(request, pk))


@require_safe
@login_required
def state(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while one looks at it."""
    return render(
        request, "visits/_visit.html", visit_context(own_visit(request, pk), by=request.user)
    )


@require_POST
@login_required
def step(request: PageRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    return act(request, own_visit(request, pk), verb)


@require_safe
@login_required
def calendar(request: PageRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        content = calendar_file(own_visit(request, pk), by=request.user)
    except DomainError as error:
        raise Http404 from error
    headers = {"Content-Disposition": 'attachment; filename="visit.ics"'}
    return HttpResponse(content, content_type="text/calendar", headers=headers)
