"""Warnings and suspensions. A suspension works at once, and lasts only with a second moderator."""

import datetime as dt
from typing import Final
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.accounts.policies import SUSPENDED_PAGE
from ghar.accounts.services.suspension import close_account, lock_account, reopen_account
from ghar.audit import services as audit
from ghar.errors import Text
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from moderation import policies
from moderation.models import Appeal, Case, Report, Sanction
from moderation.services.cases import settle
from moderation.signals import person_restored, person_suspended, standing_changing
from moderation.states import AppealStatus, CaseKind, SanctionKind

_BACK: Final = _("Everything works again as before. Thank you for your patience.")
_LAPSED: Final = _(
    "We closed it while we had a closer look, and found no reason to keep it closed. We are sorry"
    " for the trouble; everything works again as before."
)


@transaction.atomic
def warn_person(
    *, person: User, report: Report | None, message: str, note: str, by: User, now: dt.datetime
) -> Sanction:
    """Tell somebody to stop. `message` is what they read; `note` stays among staff."""
    policies.check_can_warn(person, by)
    sanction = Sanction.objects.create(
        person=person,
        kind=SanctionKind.WARNING,
        report=report,
        message=message,
        note=note,
        made_by=by,
        made_at=now,
    )
    _record("person_warned", sanction, by=by, now=now)
    notify(
        Line(
            to=person,
            type=NotificationType.ACCOUNT_WARNED,
            title=_("A warning from our team"),
            body=message,
            route="/notifications/",
            key=f"sanction-{sanction.pk}",
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )
    return sanction


@transaction.atomic
def suspend_person(
    *, person: User, report: Report | None, message: str, note: str, by: User, now: dt.datetime
) -> Sanction:
    """Close the account at once, until it lapses or somebody else confirms it.

    `message` is what the person reads; `note` stays among staff. Of somebody who is suspended
    already the suspension in force, unchanged.
    """
    policies.check_can_suspend(person, by)
    person = lock_account(person)
    in_force = Sanction.objects.suspensions().standing().filter(person=person).first()
    if in_force is not None:
        return in_force
    sanction = Sanction.objects.create(
        person=person,
        kind=SanctionKind.SUSPENSION,
        report=report,
        message=message,
        note=note,
        made_by=by,
        made_at=now,
        confirm_by=now + dt.timedelta(hours=settings.SUSPENSION_CONFIRM_HOURS),
    )
    standing_changing.send(sender=Sanction, person=person)
    close_account(user=person, now=now)
    person_suspended.send(sender=Sanction, person=person, now=now)
    _record("person_suspended", sanction, by=by, now=now)
    _tell(sanction, title=_("Your account is closed for now"), body=message, now=now)
    return sanction


@transaction.atomic
def confirm_suspension(*, sanction: Sanction, by: User) -> Sanction:
    """It lasts from here on. By anybody but the one who made it; a repeat changes nothing."""
    now = clock.now()
    sanction = _lock(sanction)
    if sanction.confirmed_by_id == by.pk:
        return sanction
    policies.check_can_confirm(sanction, by, now)
    sanction.confirmed_by, sanction.confirmed_at = by, now
    sanction.save(update_fields=["confirmed_by", "confirmed_at"])
    _record("suspension_confirmed", sanction, by=by, now=now)
    return sanction


@transaction.atomic
def lift_suspension(*, sanction: Sanction, note: str, by: Actor) -> Sanction:
    """Open the account again and say so."""
    now = clock.now()
    sanction = _lock(sanction)
    policies.check_can_lift(sanction, by)
    end_suspension(sanction=sanction, note=note, by=by, now=now)
    _tell(sanction, title=_("Your account is open again"), body=_BACK, now=now)
    return sanction


def lapse_unconfirmed_suspensions(*, now: dt.datetime) -> int:
    """Lift what no second moderator confirmed in time; the number of people."""
    due = Sanction.objects.lapsed_at(now)
    return sum(_lapse(pk, now) for pk in list(due.values_list("pk", flat=True)[:100]))


@transaction.atomic
def _lapse(pk: uuid.UUID, now: dt.datetime) -> bool:
    sanction = _lock(Sanction.objects.get(pk=pk))
    if not policies.has_lapsed(sanction, now):  # confirmed or lifted since the sweep looked
        return False
    note = str(_("No second moderator confirmed it in time."))
    end_suspension(sanction=sanction, note=note, by=SYSTEM, now=now)
    _tell(sanction, title=_("Your account is open again"), body=_LAPSED, now=now)
    return True


def end_suspension(*, sanction: Sanction, note: str, by: Actor, now: dt.datetime) -> None:
    """Of a locked sanction, with an appeal against it. Whoever calls tells the person, in words that fit."""
    standing_changing.send(sender=Sanction, person=sanction.person)
    sanction.lifted_by = by if isinstance(by, User) else None
    sanction.lifted_at = now
    sanction.save(update_fields=["lifted_by", "lifted_at"])
    reopen_account(user=sanction.person)
    _answer_appeal(sanction, now)
    person_restored.send(sender=Sanction, person=sanction.person, now=now)
    _record("suspension_lifted", sanction, by=by, now=now, note=note)


def _answer_appeal(sanction: Sanction, now: dt.datetime) -> None:
    """Whoever asked to be let in again has been, for whatever reason."""
    Appeal.objects.open().filter(sanction=sanction).update(
        status=AppealStatus.OVERTURNED, decided_at=now, decided_by=sanction.lifted_by
    )
    waiting = Case.objects.open().filter(person=sanction.person, kind=CaseKind.APPEAL)
    for case in waiting.select_for_update():
        settle(case=case, is_over=True, now=now)


def _lock(sanction: Sanction) -> Sanction:
    """The person first, as in every verb about somebody's account."""
    person = lock_account(sanction.person)
    sanction = Sanction.objects.select_for_update(no_key=True).get(pk=sanction.pk)
    sanction.person = person
    return sanction


def _record(
    action: str, sanction: Sanction, *, by: Actor, now: dt.datetime, note: str = ""
) -> None:
    data = {"sanction": str(sanction.pk), "notes": note or sanction.note}
    audit.record(by=by, action=action, target=sanction.person, now=now, data=data)


def _tell(sanction: Sanction, *, title: Text, body: Text, now: dt.datetime) -> None:
    notify(
        Line(
            to=sanction.person,
            type=NotificationType.ACCOUNT_SUSPENDED,
            title=title,
            body=body,
            route=SUSPENDED_PAGE if policies.is_in_force(sanction) else "/",
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )
