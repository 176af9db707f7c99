"""The day of somebody who shows homes: the way, the gaps, who waits for a word."""

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ghar.accounts.forms import add_refusal
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from visits.assignment import is_away
from visits.forms import AwayForm
from visits.models import Agent, Visit
from visits.policies import steps as policies
from visits.rules.route import Leg, Stop, legs_between, order_stops
from visits.services.agents import set_availability
from visits.views.room import position_of, steps_context

DAY: Final = dt.timedelta(days=1)
MOST: Final = 50


@require_safe
@login_required
def day(request: PageRequest) -> HttpResponse:
    agent = _me(request)
    form = AwayForm(zone=agent.timezone)
    return _page(request, agent, form, _day_asked_for(request, agent))


@require_POST
@login_required
def availability(request: PageRequest) -> HttpResponse:
    """Away from now on, or back again."""
    agent, is_back = _me(request), "back" in request.POST
    form = AwayForm({} if is_back else request.POST, zone=agent.timezone)
    if form.is_valid():
        try:
            set_availability(
                agent=agent,
                is_available=is_back,
                until=form.until,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Welcome back.") if is_back else _("Noted. Rest well."))
            return redirect("visits:agent")
    return _page(request, agent, form, _today(agent), status=422)


def _me(request: PageRequest) -> Agent:
    return get_object_or_404(Agent.objects.of_user(request.user).select_related("user"))


def _today(agent: Agent) -> dt.date:
    return clock.now().astimezone(ZoneInfo(agent.timezone)).date()


def _day_asked_for(request: PageRequest, agent: Agent) -> dt.date:
    asked = request.GET.get("day")
    if not asked:
        return _today(agent)
    try:
        date = dt.date.fromisoformat(asked)
    except ValueError as error:
        raise Http404 from error
    if not dt.date(2000, 1, 1) <= date <= dt.date(2100, 1, 1):
        raise Http404
    return date


def _page(
    request: PageRequest, agent: Agent, form: AwayForm, date: dt.date, *, status: int = 200
) -> HttpResponse:
    now, today = clock.now(), _today(agent)
    stops = _stops(agent, date)
    follow_ups = Visit.objects.shown_by(request.user).to_follow_up(today).for_detail()
    context = {
        "agent": agent,
        "form": form,
        "date": date,
        "is_today": date == today,
        "previous": date - DAY,
        "following": date + DAY,
        "stops": _rows(stops, request),
        "next_busy": None if stops else _next_busy(agent, date, now),
        "kilometres": _kilometres(legs_between(stops)),
        "follow_ups": follow_ups.order_by("follow_up_date", "id")[:MOST],
        "is_away": is_away(agent, now),
        "has_agent_day": True,
    }
    template = "_agent_day" if "part" in request.GET else "agent"
    return render(request, f"visits/{template}.html", context, status=status)


def _stops(agent: Agent, date: dt.date) -> list[Stop]:
    start = dt.datetime.combine(date, dt.time(), ZoneInfo(agent.timezone))
    end = dt.datetime.combine(date + DAY, dt.time(), ZoneInfo(agent.timezone))
    since = policies.undo_since(clock.now())
    visits = Visit.objects.filter(agent=agent).within(start, end).for_list(since)
    return order_stops(
        Stop(at, at + visit.length, position_of(visit.listing), visit)
        for visit in visits.order_by("scheduled_date", "id")[:MOST]
        # A proposed time is held beside the one that stands: both are on the way.
        for at in {visit.standing_date, visit.scheduled_date}
        if start <= at < end
    )


def _next_busy(agent: Agent, date: dt.date, now: dt.datetime) -> dt.date | None:
    """The first day after `date` that has a tour, from today on."""
    zone = ZoneInfo(agent.timezone)
    since = max(now, dt.datetime.combine(date + DAY, dt.time(), zone))
    coming = Visit.objects.filter(agent=agent).ahead(since).order_by("scheduled_date")[:MOST]
    # A proposed time and the one that stands, as on the day itself.
    starts = {at for visit in coming for at in (visit.standing_date, visit.scheduled_date)}
    first = min((at for at in starts if at >= since), default=None)
    return first.astimezone(zone).date() if first else None


def _rows(stops: list[Stop], request: PageRequest) -> list[dict[str, Any]]:
    """Each stop with the leg that leads to it."""
    legs: list[Leg | None] = [None, *legs_between(stops)]
    return [
        {
            "stop": stop,
            "leg": leg,
            "is_proposed": stop.what.has_proposal and stop.start != stop.what.standing_date,
        }
        | steps_context(stop.what, by=request.user)
        for stop, leg in zip(stops, legs, strict=False)
    ]


def _kilometres(legs: list[Leg]) -> float:
    return sum(leg.metres or 0 for leg in legs) / 1000
