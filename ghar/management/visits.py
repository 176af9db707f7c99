"""The demo's tours and meetings: some ahead, in each state, and some that are over.

What is over was booked, agreed and closed by the same verbs, with the clock set back for each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from flatmates.models import Match
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.models import ClockOffset
from ghar.properties.models import Property
from moderation.services.attendance import count_attendance
from visits.models import Agent, Visit
from visits.services.assigning import assign_agent
from visits.services.booking import schedule_visit
from visits.services.closing import cancel_visit, complete_visit
from visits.services.scheduling import confirm_visit, edit_visit, reschedule_visit
from visits.states import AssignmentTrigger, Outcome, VisitContext

CITY: Final = "Kigali"
HOUR: Final = dt.timedelta(hours=1)
DAY: Final = 24 * HOUR
# How many days ago the host's places were seen by somebody.
SEEN_DAYS_AGO: Final = (147, 119, 84, 56, 35)


def make_visits(cast: dict[str, User], people: list[User]) -> str:
    seeker, poster = cast["seeker"], cast["poster"]
    homes = list(Property.objects.live().owned_by(poster).filter(city=CITY).order_by("pk"))
    for days, person in zip(SEEN_DAYS_AGO, people, strict=False):
        _see(homes[0], person, poster, days=days)
    _call_off_late(homes[0], people[-1], poster)
    liked = _see(homes[-1], seeker, poster, days=12)
    said = {"visitor_feedback": "Bright, and quiet at the back.", "interest_level": 4}
    edit_visit(visit=liked, changes=said, by=seeker)
    # Not long ago, so that the visitor can still object.
    _see(homes[0], seeker, poster, days=3, outcome=Outcome.VISITOR_NO_SHOW)
    _plan(homes, cast)
    _meet(homes[0], seeker)
    count_attendance(now=clock.now())
    return f"{Visit.objects.count()} visits"


def _see(
    home: Property, visitor: User, host: User, *, days: int, outcome: str = Outcome.ATTENDED
) -> Visit:
    """A tour that is over."""
    start = workday(home, days=-days, hour=10)
    visit = _agree(home, visitor, host, start)
    with clock_at(start + HOUR):
        return complete_visit(visit=visit, outcome=outcome, by=host)


def _agree(home: Property, visitor: User, host: User, start: dt.datetime) -> Visit:
    with clock_at(start - 3 * DAY):
        visit = schedule_visit(by=visitor, listing=home, scheduled_date=start)
    with clock_at(start - 2 * DAY):
        return confirm_visit(visit=visit, by=host)


def _call_off_late(home: Property, visitor: User, host: User) -> None:
    start = workday(home, days=-98, hour=11)
    visit = _agree(home, visitor, host, start)
    with clock_at(start - HOUR):
        cancel_visit(visit=visit, reason="A burst pipe, I am so sorry.", by=host)


def _plan(homes: list[Property], cast: dict[str, User]) -> None:
    """Ahead: one waits for the host, one is agreed, one is being moved, one has no agent."""
    seeker, poster, home = cast["seeker"], cast["poster"], homes[0]
    agent = Agent.objects.get(user=cast["agent"])
    waits, agreed, moved = (
        _book(homes[number % len(homes)], seeker, workday(home, days=days, hour=16))
        for number, days in enumerate((4, 1, 7))
    )
    for visit in (waits, agreed, moved):
        if visit.agent != agent:
            trigger = AssignmentTrigger.ADMIN
            assign_agent(visit=visit, agent=agent, trigger=trigger, by=cast["admin"])
    confirm_visit(visit=agreed, by=poster)
    confirm_visit(visit=moved, by=poster)
    later = workday(home, days=8, hour=17)
    reschedule_visit(visit=moved, new_date=later, reason="The keys come a day later.", by=poster)
    # After the last agent has gone home.
    _book(home, seeker, workday(home, days=5, hour=21))


def _book(home: Property, visitor: User, start: dt.datetime) -> Visit:
    return schedule_visit(
        by=visitor,
        listing=home,
        scheduled_date=start,
        special_requirements="I would like to see the kitchen by daylight.",
    )


def _meet(home: Property, seeker: User) -> None:
    """The seeker and the first of those who matched look at a place together."""
    match = Match.objects.of(seeker).active().order_by("pk").first()
    assert match is not None  # noqa: S101 -- make_meetings has run
    peer = match.peer_of(seeker)
    visit = schedule_visit(
        by=peer,
        listing=home,
        scheduled_date=workday(home, days=2, hour=17),
        visit_context=VisitContext.FLATMATE_MEET,
        counterparty=seeker,
        match=match,
    )
    confirm_visit(visit=visit, by=seeker)


def workday(home: Property, *, days: int, hour: int) -> dt.datetime:
    """A full hour at the place, that many days from now; a day later where that is a Sunday."""
    local = clock.now().astimezone(ZoneInfo(home.timezone)) + dt.timedelta(days=days)
    if local.isoweekday() == 7:
        local += dt.timedelta(days=1)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(dt.UTC)


@contextmanager
def clock_at(moment: dt.datetime) -> Iterator[None]:
    """Inside, it is `moment`; the demo is one transaction, so no other process sees it."""
    before = ClockOffset.current()
    _move(before + (moment - clock.now()))
    try:
        yield
    finally:
        _move(before)


def _move(offset: dt.timedelta) -> None:
    ClockOffset.objects.update_or_create(id=1, defaults={"offset": offset})
    clock.forget_offset()
