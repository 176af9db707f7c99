"""What moderators and time do to a profile, and how its owner hears of it."""

import datetime as dt
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile
from flatmates.policies import people as policies
from flatmates.services.profiles import NOT_PAUSED, bring_back, lock_profile, take_step
from flatmates.states import PauseReason
from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from moderation.models import Case

BATCH: Final = 200
ROUTE: Final = "/me/"
HOLDS: Final = frozenset({PauseReason.REPORTS, PauseReason.SUSPENDED})


class ReviewAction(TextChoices):
    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")
    REQUEST_EDIT = "request_edit", _("Ask for changes")


class Notice(NamedTuple):
    """`body` gives way to the reviewer's words."""

    title: Any
    body: Any


NOTICES: Final = {
    ReviewAction.APPROVE: Notice(
        _("Your profile is visible"), _("Somebody has read it, and others can find you now.")
    ),
    ReviewAction.REJECT: Notice(
        _("Your profile was not published"), _("Open it to read why, and what you can change.")
    ),
    ReviewAction.REQUEST_EDIT: Notice(
        _("Please change something in your profile"), _("Open it to read what.")
    ),
    PauseReason.MOVE_IN_PASSED: Notice(
        _("Your profile is paused"),
        _(
            "The day on which you wanted to move has passed. If you are still looking, choose a new"
            " one and show yourself again."
        ),
    ),
}


@transaction.atomic
def review_profile(
    *, profile: Profile, action: str, version: int, note: str = "", by: User
) -> Profile:
    """Decide about a profile that waits. Its owner is told once, in the words of `note`.

    `version` is that of the content which was read: its owner may change it meanwhile. Approving
    what is visible already changes nothing. Raises Invalid without a note where the owner has to
    learn what to change, Conflict (STALE_CASE), NotAllowed, InvalidTransition.
    """
    now = clock.now()
    profile = lock_profile(profile)
    policies.check_can_review(profile, by)
    if action == ReviewAction.APPROVE and profile.is_visible:
        return profile
    policies.check_was_read(profile, version)
    if action != ReviewAction.APPROVE and not note.strip():
        raise Invalid.field("note", _("Please say what should change."))
    DECISIONS[ReviewAction(action)](profile, note=note.strip(), by=by, now=now)
    _tell(profile, NOTICES[ReviewAction(action)], body=note.strip(), now=now)
    return profile


def _approve(profile: Profile, *, note: str, by: User, now: dt.datetime) -> None:
    fine = {"flags": [], "review_note": note, **NOT_PAUSED}
    take_step(profile, verb="approve", by=by, now=now, **fine)


def _reject(profile: Profile, *, note: str, by: User, now: dt.datetime) -> None:
    take_step(profile, verb="reject", by=by, now=now, review_note=note)


def _request_edit(profile: Profile, *, note: str, by: User, now: dt.datetime) -> None:
    """It goes on waiting: its owner changes it, a moderator looks again."""
    policies.check_step(profile, verb="approve", by=by)
    profile.review_note = note
    profile.save(update_fields=["review_note", "updated_at"])
    version = {"version": profile.content_version}
    audit.record(by=by, action="profile_edit_requested", target=profile, now=now, data=version)


DECISIONS: Final = {
    ReviewAction.APPROVE: _approve,
    ReviewAction.REJECT: _reject,
    ReviewAction.REQUEST_EDIT: _request_edit,
}


@transaction.atomic
def hold_profile(*, person: User, reason: PauseReason, by: Actor, now: dt.datetime) -> None:
    """Out of sight until moderation lets it back. What its owner had paused stays paused then."""
    profile = _locked(person)
    if profile is None or profile.is_paused_by_moderation:
        return
    if profile.is_visible:
        why = {"pause_reason": reason, "is_paused_by_moderation": True}
        take_step(profile, verb="pause", by=by, now=now, **why)
        return
    profile.is_paused_by_moderation = True
    if not profile.is_paused:
        profile.pause_reason = reason
    profile.save(update_fields=["is_paused_by_moderation", "pause_reason", "updated_at"])


@transaction.atomic
def release_profile(*, person: User, reason: PauseReason, by: Actor, now: dt.datetime) -> None:
    """What was held for this reason is as its owner left it; what another reason holds stays."""
    profile = _locked(person)
    if profile is None or not profile.is_paused_by_moderation:
        return
    if profile.pause_reason in HOLDS - {reason}:
        return
    if reason == PauseReason.SUSPENDED and _is_kept_down_by_reports(person):
        if profile.pause_reason == reason:
            profile.pause_reason = PauseReason.REPORTS
            profile.save(update_fields=["pause_reason", "updated_at"])
        return
    if profile.is_paused and profile.pause_reason == reason:
        bring_back(profile, by=by, now=now)
        return
    profile.is_paused_by_moderation = False
    if profile.pause_reason == reason:
        profile.pause_reason = ""
    profile.save(update_fields=["is_paused_by_moderation", "pause_reason", "updated_at"])


def _is_kept_down_by_reports(person: User) -> bool:
    return Case.objects.filter(person=person).keeping_down().exists()


def _locked(person: User) -> Profile | None:
    found = Profile.objects.filter(user=person).first()
    return lock_profile(found) if found else None


def pause_passed_move_ins(*, now: dt.datetime) -> int:
    """Pause whose day to move has passed, each in its own transaction. Returns how many."""
    found = list(Profile.objects.past_move_in_at(now).values_list("pk", flat=True)[:BATCH])
    return sum(_pause_passed(pk, now=now) for pk in found)


@transaction.atomic
def _pause_passed(pk: Any, *, now: dt.datetime) -> bool:
    profile = lock_profile(Profile(pk=pk))
    if not profile.is_visible or not profile.is_move_in_over(now):  # changed since the look
        return False
    reason = PauseReason.MOVE_IN_PASSED
    take_step(profile, verb="pause", by=SYSTEM, now=now, pause_reason=reason)
    _tell(profile, NOTICES[reason], now=now)
    return True


def _tell(profile: Profile, notice: Notice, *, body: str = "", now: dt.datetime) -> None:
    notify(
        Line(
            to=profile.user,
            type=NotificationType.PROFILE_REVIEW,
            title=notice.title,
            body=body or notice.body,
            route=ROUTE,
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )
