"""For the safety of a visit: a link for a friend, a question how it goes, proof of who came."""

import datetime as dt
import secrets
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.api import limits
from ghar.audit import services as audit
from ghar.errors import Conflict, Invalid, ListingNotAvailable, NotAllowed, NotFound
from ghar.lib import clock
from ghar.lib.hashes import hash_secret
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from visits.models import Visit, VisitCheckIn, VisitShare
from visits.policies import steps as policies
from visits.rules import safety as rules
from visits.services import telling
from visits.services.records import change, lock_visit, record
from visits.services.reliability import disputable, note_ending, objection
from visits.states import ADMIN, VISITOR, VisitEventType


class NotNow(Conflict):
    code = "NOT_NOW"
    message = _("This is possible around the time of the visit.")


def side_of_party(visit: Visit, by: User) -> str:
    """NotFound for a stranger; the team is no party of anybody's visit."""
    side = policies.side_of(visit, by)
    if side == ADMIN:
        raise NotAllowed(_("This is for the people of the visit alone."))
    return side


# --- A link for a friend --------------------------------------------------------------------------
class Shared(NamedTuple):
    """All that a friend sees."""

    names: list[str]
    place: str
    start: dt.datetime
    end: dt.datetime
    timezone: str
    until: dt.datetime


@transaction.atomic
def share_visit(*, visit: Visit, by: User) -> tuple[str, dt.datetime]:
    """A new address, shown once, and until when it shows anything; an earlier one is void."""
    now = clock.now()
    visit = lock_visit(visit)
    side_of_party(visit, by)
    if policies.is_frozen(visit):
        raise ListingNotAvailable
    if not rules.is_shareable(visit, now):
        raise Conflict(_("You can share a visit once its time is agreed."), code="NOT_AGREED")
    _revoke(visit, by, now)
    token = secrets.token_urlsafe(32)
    VisitShare.objects.create(visit=visit, user=by, token_hash=hash_secret(token), created_at=now)
    audit.record(by=by, action="visit_shared", target=visit, now=now)
    path = reverse("visits:shared", kwargs={"token": token})
    return f"{settings.BASE_URL.rstrip('/')}{path}", rules.shared_until(visit)


@transaction.atomic
def stop_sharing(*, visit: Visit, by: User) -> None:
    now = clock.now()
    visit = lock_visit(visit)
    side_of_party(visit, by)
    if _revoke(visit, by, now):
        audit.record(by=by, action="visit_share_ended", target=visit, now=now)


def _revoke(visit: Visit, by: User, now: dt.datetime) -> int:
    mine = VisitShare.objects.standing().filter(visit=visit, user=by)
    return mine.update(revoked_at=now)


def read_share(token: str, *, now: dt.datetime) -> Shared:
    """NotFound for a link that is unknown, revoked or over, of a visit that is cancelled, or of
    somebody who has no part in it any more, as an agent who has handed it over.
    """
    found = VisitShare.objects.standing().filter(token_hash=hash_secret(token))
    share = found.filter(user__is_active=True).select_related("user").first()
    visit = Visit.objects.for_detail().filter(pk=share.visit_id).first() if share else None
    if share is None or visit is None or share.user not in visit.parties:
        raise NotFound
    if not rules.is_shareable(visit, now):
        raise NotFound
    start, end = visit.standing_span
    return Shared(
        names=_first_names(visit),
        place=visit.listing.place,
        start=start,
        end=end,
        timezone=visit.timezone,
        until=rules.shared_until(visit),
    )


def _first_names(visit: Visit) -> list[str]:
    """Of a tour the visitor and whoever shows the place; of a meeting the two."""
    shows = visit.agent.name if visit.agent else visit.host.full_name
    other = visit.counterparty.full_name if visit.counterparty else ""
    full = [visit.user.full_name, shows if visit.is_tour else other]
    return [name.split()[0] for name in full if name.split()]


# --- Is everything all right? ---------------------------------------------------------------------
@transaction.atomic
def check_in(*, visit: Visit, by: User) -> VisitCheckIn:
    """ "I am well": kept for this person alone. Whoever needs help is told where it is, and nothing
    is written down.
    """
    now = clock.now()
    side_of_party(visit, by)
    if not rules.is_check_in_time(visit, now):
        raise NotNow
    found, _new = VisitCheckIn.objects.update_or_create(
        visit=visit, user=by, defaults={"well_at": now}
    )
    return found


def well_at(visit: Visit, *, by: User) -> dt.datetime | None:
    """When this person last told us that they are well."""
    side_of_party(visit, by)
    mine = VisitCheckIn.objects.filter(visit=visit, user=by).first()
    return mine.well_at if mine else None


def ask_how_it_goes(*, now: dt.datetime) -> int:
    """Ask both people of meetings that have begun; how many meetings."""
    earliest = now - rules.ASKED_WITHIN
    meets = Visit.objects.meets_begun(earliest, now - rules.ASKED_AFTER)
    unasked = meets.exclude(check_ins__asked_at__gt=earliest)
    return sum(_ask(visit, now) for visit in list(unasked))


@transaction.atomic
def _ask(visit: Visit, now: dt.datetime) -> bool:
    visit = lock_visit(visit)
    # It may have moved since the sweep looked, or one of the two has deleted the account.
    if not rules.is_asked_about(visit, now) or visit.counterparty is None:
        return False
    VisitCheckIn.objects.bulk_create(
        [VisitCheckIn(visit=visit, user=person, asked_at=now) for person in visit.parties],
        update_conflicts=True,
        unique_fields=["visit", "user"],
        update_fields=["asked_at"],
    )
    lines = [
        Line(
            to=person,
            type=NotificationType.VISIT_REMINDER,
            title=_("Is everything all right?"),
            body=format_lazy(
                _("Your meeting with {name} has begun. Tell us that you are well, or find help."),
                name=_other(visit, person).public_name,
            ),
            route=f"{visit.get_absolute_url()}#safety",
            key=f"check-in-{visit.pk}-{visit.standing_date.timestamp():.0f}",
        )
        for person in visit.parties
    ]
    notify(*lines, now=now, purpose=Purpose.VIEWINGS)
    return True


def _other(visit: Visit, person: User) -> User:
    return next(other for other in visit.parties if other != person)


# --- Proof of who came ----------------------------------------------------------------------------
def code_of(visit: Visit, side: str) -> str:
    """Six digits that this side shows. They follow from the visit, its time and SECRET_KEY, and are
    stored nowhere; another time has other ones.
    """
    says = f"{visit.pk} {rules.stamp_of(side)} {visit.standing_date.timestamp():.0f}"
    digest = salted_hmac("visits.arrival", says, algorithm="sha256")
    return f"{int(digest.hexdigest(), 16) % 1_000_000:06d}"


def own_code(visit: Visit, *, by: User, now: dt.datetime) -> str:
    """What the other side types; Conflict (NOT_NOW) outside the time around the visit."""
    side = side_of_party(visit, by)
    if not rules.is_arrival_time(visit, now):
        raise NotNow
    return code_of(visit, side)


@transaction.atomic
def prove_arrival(*, visit: Visit, code: str, by: User) -> Visit:
    """Whoever types what the other side shows has been there, and the other side vouches for it."""
    now = clock.now()
    limits.hit("arrival_codes", f"{visit.pk}:{by.pk}")
    visit = lock_visit(visit)
    side = side_of_party(visit, by)
    if policies.is_frozen(visit):
        raise ListingNotAvailable
    if not rules.is_arrival_time(visit, now):
        raise NotNow
    theirs = code_of(visit, "other" if side == VISITOR else VISITOR)
    if not constant_time_compare(code, theirs):
        raise Invalid.field("code", _("This is not the code that the other side shows."))
    stamp = rules.stamp_of(side)
    if getattr(visit, stamp) is not None:
        return visit
    changes = change(visit, **{stamp: now})
    note_ending(visit, now=now)
    record(visit, VisitEventType.CHECKED_IN, by=by, side=side, changes=changes, now=now)
    telling.hint(visit)
    return visit


# --- For pages ------------------------------------------------------------------------------------
def overview(visit: Visit, *, by: User, now: dt.datetime) -> dict[str, Any]:
    """What the visit's page offers to this party; empty for the team."""
    side = visit.side_of(by)
    if side in (None, ADMIN):
        return {}
    other = visit.user if side != VISITOR else (visit.counterparty or visit.host)
    return {
        "other": other,
        "can_share": rules.is_shareable(visit, now) and not policies.is_frozen(visit),
        "is_shared": VisitShare.objects.standing().filter(visit=visit, user=by).exists(),
        "shared_until": rules.shared_until(visit),
        "can_check_in": rules.is_check_in_time(visit, now),
        "well_at": well_at(visit, by=by),
        "can_arrive": rules.is_arrival_time(visit, now) and not policies.is_frozen(visit),
        "arrived_at": getattr(visit, rules.stamp_of(side)),
        "disputable": disputable(visit, by=by, now=now),
        "objection": objection(visit, by=by),
    }
