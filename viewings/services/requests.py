"""A request begins, and may move from a seeker session to an account."""

from collections.abc import Sequence
import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.accounts.services.sessions import give_contact, settle
from ghar.calendar.services.claims import (
    PartyKeys,
    find_party,
    key_of,
    lock_resources,
    move_claims,
    seats_of,
)
from ghar.calendar.services.reminders import readdress
from ghar.errors import NotAuthenticated
from ghar.lib import clock, rls
from ghar.lib.actors import SYSTEM
from ghar.lib.pairs import lock_pair
from ghar.properties.models import Property
from ghar.properties.services.moves import lock_listing
from moderation.models import Block
from viewings.models import ViewingEvent, ViewingRequest, ViewingRequestQuerySet, ViewingTimeOption
from viewings.policies import booking as policies
from viewings.policies.booking import ProposedTime
from viewings.services import telling
from viewings.services.closing import end_between_people
from viewings.services.records import Happening, add_options, as_payloads, record
from viewings.states import POSTER, SEEKER, EventType


@transaction.atomic
def create_request(
    *,
    listing: Property,
    by: Principal,
    notes: str = "",
    times: Sequence[ProposedTime] = (),
    contact: str = "",
) -> ViewingRequest:
    """Ask to see a listing, with up to five times; the poster hears at once.

    `contact` is how a seeker without an account can be reached; an account has its own.
    """
    now = clock.now()
    lock_pair(by.pk, listing.owner_id)  # against a block at the same moment
    # Against a withdrawal at the same moment: it waits and cancels this, or this sees it.
    listing = lock_listing(listing)
    policies.check_can_request(listing, by)
    if times:
        policies.check_times(times, now=now)
    if isinstance(by, SeekerSession):
        _lock_unclaimed(by)
        settle(session=by, timezone=listing.timezone, is_guess=True)
    # The seeker's calendar resource is the lock under which their requests are counted. The others
    # are made here, so that bookings only find and lock them.
    seats = seats_of(listing.pk, listing.capacity)
    party = find_party(PartyKeys([key_of(by), key_of(listing.owner)], seats))
    lock_resources(party.people[:1])
    active = ViewingRequest.objects.sought_by(by).active()
    policies.check_has_not_asked(active, listing)
    policies.check_has_room(active)
    if contact and isinstance(by, SeekerSession):
        give_contact(session=by, contact=contact)
    viewing = ViewingRequest.objects.create(
        listing=listing,
        seeker=by if isinstance(by, User) else None,
        seeker_session=by if isinstance(by, SeekerSession) else None,
        poster=listing.owner,
        notes=notes or None,
    )
    happenings = [Happening(EventType.CREATED, SEEKER)]
    if times:
        offered = add_options(viewing, times, source=SEEKER)
        happenings.append(Happening(EventType.OFFERED, SEEKER, as_payloads(offered)))
    record(viewing, *happenings, by=by, action="created", now=now)
    note = telling.contact_note(viewing)
    telling.tell(viewing, telling.REQUESTED, sides=[POSTER], now=now, contact=note)
    return viewing


def _lock_unclaimed(session: SeekerSession) -> None:
    """A claim waits for this request and takes it along; after a claim there is no session."""
    unclaimed = SeekerSession.objects.filter(pk=session.pk, claimed_by=None)
    if not list(unclaimed.select_for_update(no_key=True).values_list("pk")):
        raise NotAuthenticated


@transaction.atomic
def claim_session_viewings(*, session: SeekerSession, user: User, now: dt.datetime) -> None:
    """What a session asked for belongs to the account from here on.

    Times that overlap one of the account's stay on the calendar of the session, both stand, and
    the user is told.
    """
    # Neither the session's identity nor the user's sees the rows on both sides of the move.
    with rls.acting_as(rls.WORKER):
        viewings = ViewingRequest.objects.sought_by(session).order_by("pk")
        for poster_id in sorted(set(viewings.values_list("poster", flat=True))):
            lock_pair(user.pk, poster_id)  # against a block at the same moment
        ids = list(viewings.select_for_update(no_key=True).values_list("pk", flat=True))
        if not ids:
            return
        staying = move_claims(source=key_of(session), target=key_of(user))
        _hand_over(ids, user)
        claimed = ViewingRequest.objects.for_detail().filter(pk__in=ids).order_by("pk")
        ending = list(_that_may_not_be(claimed, user))
        overlapping = {subject.id for subject in staying} - {viewing.pk for viewing in ending}
        for viewing in claimed:
            _record_claim(viewing, overlaps=viewing.pk in overlapping, now=now)
        for viewing in ending:
            end_between_people(viewing)
        readdress(old=session, new=user)


def _hand_over(ids: list[uuid.UUID], user: User) -> None:
    ViewingRequest.objects.filter(pk__in=ids).update(seeker=user)
    for model in (ViewingTimeOption, ViewingEvent):
        model.objects.filter(viewing__in=ids).update(seeker_id=user.pk)


def _that_may_not_be(viewings: ViewingRequestQuerySet, user: User) -> ViewingRequestQuerySet:
    """Of a place of the account's own, or with somebody from whom it is parted."""
    apart = Exists(Block.objects.between(user.pk, OuterRef("poster")))
    return viewings.active().filter(Q(poster=user) | apart)


def _record_claim(viewing: ViewingRequest, *, overlaps: bool, now: dt.datetime) -> None:
    happening = Happening(EventType.CLAIMED, SYSTEM.actor_kind, {"overlaps": overlaps})
    record(viewing, happening, by=SYSTEM, action="claimed", now=now)
    if overlaps:
        option = viewing.chosen or viewing.agreed_option
        telling.tell(viewing, telling.MOVED, sides=[SEEKER], option=option, now=now)
    else:
        telling.hint(viewing)
