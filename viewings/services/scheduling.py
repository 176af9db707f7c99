"""Agreeing on a time: offer, select, confirm, and start again."""

from collections.abc import Sequence
import datetime as dt

from django.db import transaction

from ghar.accounts.models import Principal
from ghar.calendar.services.claims import release_hold
from ghar.calendar.services.entries import silence_entry
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from viewings.models import ViewingRequest, ViewingTimeOption
from viewings.policies import steps as policies
from viewings.policies.address import can_see_address
from viewings.policies.booking import ProposedTime, check_is_ahead, check_times
from viewings.services import telling
from viewings.services.booking import (
    book,
    check_not_taken,
    enter_calendar,
    hold,
    subject_of,
)
from viewings.services.records import (
    Happening,
    add_options,
    as_payload,
    as_payloads,
    fresh_option,
    lock_viewing,
    mark_option,
    record,
    reject_options,
    restore_option,
)
from viewings.states import (
    POSTER,
    SEEKER,
    EventType,
    OptionStatus,
    ViewingStatus,
)


@transaction.atomic
def offer_times(
    *, viewing: ViewingRequest, times: Sequence[ProposedTime], by: Principal
) -> ViewingRequest:
    """Add times to one's own open ones; those of the other side are out."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_side(viewing, "offer", by)
    policies.check_step(viewing, "offer", by)
    own = [option for option in viewing.open_options if option.source == side]
    check_times(times, now=now, beside=own)
    _set_aside(viewing, [option for option in viewing.open_options if option.source != side])
    offered = add_options(viewing, times, source=side, beside=own)
    viewing.save(update_fields=["selected_option", "updated_at"])
    happening = Happening(EventType.OFFERED, side, as_payloads(offered))
    record(viewing, happening, by=by, action="offered", now=now)
    telling.tell(viewing, telling.OFFERED, sides=telling.all_but(side), now=now)
    return viewing


@transaction.atomic
def select_time(
    *, viewing: ViewingRequest, option: ViewingTimeOption, by: Principal
) -> ViewingRequest:
    """Choose one of the other side's times: it is held until confirmed, or confirms itself."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    option = fresh_option(viewing, option)
    side = policies.check_side(viewing, "select", by)
    if policies.is_repeat(viewing, "select", option):
        policies.check_chooses(option, side)
        return viewing
    policies.check_step(viewing, "select", by)
    _check_choice(viewing, option, side, now)
    if policies.confirms_itself(viewing, option, side):
        return _confirm(
            viewing, option, by=by, chosen_by=side, confirmed_by=SYSTEM.actor_kind, now=now
        )
    _drop_choice(viewing)
    until = hold(viewing, option, now=now)
    _choose(viewing, option)
    viewing.save(update_fields=["selected_option", "updated_at"])
    payload = as_payload(option) | {"hold_until": until.isoformat()}
    happening = Happening(EventType.SELECTED, side, payload)
    record(viewing, happening, by=by, action="selected", now=now)
    notice = telling.CHOSEN_BY_POSTER if side == POSTER else telling.SELECTED
    telling.tell(viewing, notice, sides=telling.all_but(side), option=option, now=now)
    return viewing


@transaction.atomic
def confirm_viewing(
    *, viewing: ViewingRequest, by: Principal, option: ViewingTimeOption | None = None
) -> ViewingRequest:
    """Agree on the selected time, or on one of the seeker's: selected and confirmed in one."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_side(viewing, "confirm", by)
    option = fresh_option(viewing, option) if option else viewing.chosen
    if policies.is_repeat(viewing, "confirm", option):
        return viewing
    policies.check_step(viewing, "confirm", by)
    if option is None:
        raise policies.not_now(viewing, side)
    if option.is_selected:
        check_is_ahead(option, now)
        return _confirm(viewing, option, by=by, chosen_by=None, confirmed_by=side, now=now)
    _check_choice(viewing, option, side, now)
    return _confirm(viewing, option, by=by, chosen_by=side, confirmed_by=side, now=now)


@transaction.atomic
def reschedule_viewing(
    *, viewing: ViewingRequest, times: Sequence[ProposedTime], by: Principal
) -> ViewingRequest:
    """A new round of times. What was agreed stays booked until something new is."""
    now = clock.now()
    viewing = lock_viewing(viewing)
    side = policies.check_side(viewing, "reschedule", by)
    target = policies.check_step(viewing, "reschedule", by)
    policies.check_can_reschedule(viewing, by, now)
    check_times(times, now=now)
    if viewing.is_confirmed:
        viewing.agreed_option = viewing.chosen
        silence_entry(subject_of(viewing))
    _set_aside(viewing, viewing.open_options)
    viewing.status = target
    viewing.round += 1
    viewing.is_flagged = viewing.is_flagged or policies.needs_flag(viewing)
    viewing.save(
        update_fields=[
            *("status", "round", "is_flagged", "selected_option", "agreed_option", "updated_at"),
        ]
    )
    offered = add_options(viewing, times, source=side)
    payload = as_payloads(offered) | {"round": viewing.round, "flagged": viewing.is_flagged}
    happening = Happening(EventType.RESCHEDULED, side, payload)
    record(viewing, happening, by=by, action="rescheduled", now=now)
    telling.tell(viewing, telling.RESCHEDULED, sides=telling.all_but(side), now=now)
    return viewing


def fall_back(viewing: ViewingRequest, *, now: dt.datetime) -> None:
    """Nobody answered the new times: they are out, and what was agreed stands as it did before.

    Of a request that the caller has locked.
    """
    target = policies.check_step(viewing, "fall_back", SYSTEM)
    agreed = viewing.option(viewing.agreed_option_id)
    assert agreed is not None  # noqa: S101 -- policies.falls_back
    _set_aside(viewing, viewing.open_options)
    restore_option(agreed)
    viewing.status, viewing.selected_option, viewing.agreed_option = target, agreed, None
    viewing.save(update_fields=["status", "selected_option", "agreed_option", "updated_at"])
    enter_calendar(viewing, agreed, now=now)
    happening = Happening(EventType.FELL_BACK, SYSTEM.actor_kind, as_payload(agreed))
    record(viewing, happening, by=SYSTEM, action="fell_back", now=now)
    sides = telling.all_but(SYSTEM.actor_kind)
    telling.tell(viewing, telling.STANDS, sides=sides, option=agreed, now=now)


def _check_choice(
    viewing: ViewingRequest, option: ViewingTimeOption, side: str, now: dt.datetime
) -> None:
    """The option may be chosen; one that is out because its time went elsewhere is SlotTaken."""
    if not option.is_open:
        check_not_taken(viewing, option, now=now)
    policies.check_can_select(viewing, option, side, now)


def _confirm(
    viewing: ViewingRequest,
    option: ViewingTimeOption,
    *,
    by: Principal,
    chosen_by: str | None,
    confirmed_by: str,
    now: dt.datetime,
) -> ViewingRequest:
    book(viewing, option, now=now)
    reject_options(viewing, [other for other in viewing.open_options if other != option])
    if not option.is_selected:
        mark_option(option, OptionStatus.SELECTED)
    viewing.status, viewing.selected_option = ViewingStatus.CONFIRMED, option
    viewing.agreed_option = None
    viewing.save(update_fields=["status", "selected_option", "agreed_option", "updated_at"])
    enter_calendar(viewing, option, now=now)
    # Looked for before the audit, in which everybody waits.
    losses = telling.losses_of(viewing, option, now=now)
    payload = as_payload(option)
    # The moment at which the exact place becomes visible to the seeker is part of the audit.
    shared = {"address_shared": can_see_address(viewing, SEEKER, now)}
    happenings = [Happening(EventType.CONFIRMED, confirmed_by, payload | shared)]
    if chosen_by:
        happenings.insert(0, Happening(EventType.SELECTED, chosen_by, payload))
    record(viewing, *happenings, by=by, action="confirmed", now=now)
    side = chosen_by or confirmed_by
    sides = telling.all_but(side)
    telling.tell(viewing, telling.CONFIRMED, sides=sides, by_side=side, option=option, now=now)
    telling.tell_losses(losses, now=now)
    return viewing


def _choose(viewing: ViewingRequest, option: ViewingTimeOption) -> None:
    mark_option(option, OptionStatus.SELECTED)
    viewing.selected_option = option


def _drop_choice(viewing: ViewingRequest) -> None:
    """The time that was selected before is one of several again."""
    if viewing.chosen is not None:
        release_hold(subject_of(viewing))
        mark_option(viewing.chosen, OptionStatus.OFFERED)


def _set_aside(viewing: ViewingRequest, options: Sequence[ViewingTimeOption]) -> None:
    """These times are out, and what is held for one of them is free."""
    if any(option.is_selected for option in options):
        release_hold(subject_of(viewing))
    reject_options(viewing, options)
