"""A person's own page: written, shown, paused. Its status is moved here and nowhere else.

A complete profile whose words pass the rules is shown at once; that check is its review. Words with
a finding wait for a moderator, and whoever waits, was refused or is kept down by moderation comes
back by a moderator alone, whatever he changes.
"""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile
from flatmates.models.profiles import ProfileQuerySet
from flatmates.policies import people as policies
from flatmates.states import PauseReason
from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.geo import Point
from ghar.properties.rules import market_of, public_cell
from ghar.properties.services.geocoding import request_geocoding
from moderation.services.wording import check_wording

SUBJECT: Final = "profile"
WORDS: Final = frozenset({"bio", "profession", "city", "locality", "vibe_tags"})
PLACE: Final = frozenset({"city", "locality"})
WRONG_BUDGET: Final = _("The most cannot be less than the least.")
AUDIT_ACTIONS: Final = {
    "publish": "profile_published",
    "flag": "profile_flagged",
    "take_back": "profile_taken_back",
    "pause": "profile_paused",
    "resume": "profile_resumed",
    "approve": "profile_approved",
    "reject": "profile_rejected",
    "resubmit": "profile_resubmitted",
}
NOT_PAUSED: Final[dict[str, Any]] = {"pause_reason": "", "is_paused_by_moderation": False}


def profile_of(user: User) -> Profile:
    """The user's profile; a draft is made the first time that one is needed."""
    profile = Profile.objects.filter(user=user).first()
    if profile is None:
        profile, _is_new = Profile.objects.get_or_create(user=user)
    profile.user = user
    return profile


def profile_or_blank(user: User) -> Profile:
    """For reading: without a profile, one that says nothing and is not stored."""
    profile = Profile.objects.filter(user=user).first() or Profile(updated_at=clock.now())
    profile.user = user
    return profile


def lock_profile(profile: Profile) -> Profile:
    """The fresh row, locked until commit. What refers to it may be written meanwhile."""
    return _locked().get(pk=profile.pk)


def lock_own(user: User) -> Profile:
    """The same for one's own, which is made if there is none."""
    return _locked().filter(user=user).first() or lock_profile(profile_of(user))


def _locked() -> ProfileQuerySet:
    rows = Profile.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("user")


def touch(user: User, now: dt.datetime) -> None:
    """The person is here: at most one write an hour, so that the deck moves rarely."""
    hour = _hour_of(now)
    Profile.objects.filter(user=user, last_active_at__lt=hour).update(last_active_at=hour)


@transaction.atomic
def update_profile(*, by: User, changes: dict[str, Any]) -> Profile:
    """Change what `by` says of himself, and show, hide or hand it to a moderator as it now is.

    `changes` are columns by their names; "" or None clears one. Raises Invalid.
    """
    now = clock.now()
    profile = lock_own(by)
    policies.check_can_edit(profile, by)
    changed = _put(profile, changes)
    if not changed:
        return profile
    policies.check_stays_complete(profile)
    if changed & WORDS:
        profile.content_version += 1
        profile.flags = _flags_of(profile)
    if changed & PLACE:
        _place(profile, now=now)
    profile.last_active_at = max(profile.last_active_at, _hour_of(now))
    verb = _verb_after_edit(profile)
    if not verb:
        profile.save()
        return profile
    # Showing and hiding are the rules' decision; sending it again is the owner's.
    return take_step(profile, verb=verb, by=by if verb == "resubmit" else SYSTEM, now=now)


def _verb_after_edit(profile: Profile) -> str:
    """Where the new words lead. Whoever waits or is paused stays so."""
    if profile.is_rejected:
        return "resubmit"
    is_publishable = policies.may_publish(profile)
    if profile.is_draft and is_publishable:
        return "flag" if profile.flags else "publish"
    if profile.is_visible and profile.flags:
        return "flag"
    return "take_back" if profile.is_visible and not is_publishable else ""


def _put(profile: Profile, changes: dict[str, Any]) -> set[str]:
    """Set what differs; the names of it."""
    tidy = {
        name: list(dict.fromkeys(value)) if isinstance(value, list) else value
        for name, value in changes.items()
    }
    changed = {name for name, value in tidy.items() if getattr(profile, name) != value}
    for name in changed:
        setattr(profile, name, tidy[name])
    if not profile.currency and (market := market_of(city=profile.city)):
        profile.currency = str(settings.MARKETS[market]["currency"])
    _check_budget(profile)
    _check_strict(profile, asked="strict_non_negotiables" in changed)
    return changed


def is_in_order(least: int | None, most: int | None) -> bool:
    return least is None or most is None or least <= most


def _check_budget(profile: Profile) -> None:
    if not is_in_order(profile.budget_min, profile.budget_max):
        raise Invalid.field("budget_max", WRONG_BUDGET)


def _check_strict(profile: Profile, *, asked: bool) -> None:
    """Strict is said of a deal-breaker; one that goes takes its strictness along."""
    kept = [c for c in profile.strict_non_negotiables if c in profile.non_negotiables]
    if asked and kept != profile.strict_non_negotiables:
        message = _("Only what stands among your deal-breakers can be strict.")
        raise Invalid.field("strict_non_negotiables", message)
    profile.strict_non_negotiables = kept


def _flags_of(profile: Profile) -> list[str]:
    # Parted by commas, so that no two texts make one phone number between them.
    words = (profile.bio, profile.profession, profile.city, profile.locality, *profile.vibe_tags)
    return list(check_wording(",\n".join(filter(None, words))).codes)


# --- Steps ----------------------------------------------------------------------------------------
def take_step(
    profile: Profile, *, verb: str, by: Actor, now: dt.datetime, **changes: Any
) -> Profile:
    """The step that `verb` names, for a row that is locked; whatever was changed on it is saved, too.

    Raises NotAllowed or InvalidTransition.
    """
    old = profile.status
    profile.status = policies.check_step(profile, verb=verb, by=by).target
    for name, value in changes.items():
        setattr(profile, name, value)
    profile.save()
    data = {"from": old, "to": profile.status, "version": profile.content_version}
    audit.record(by=by, action=AUDIT_ACTIONS[verb], target=profile, now=now, data=data)
    return profile


@transaction.atomic
def pause_profile(*, profile: Profile, by: User) -> Profile:
    """Hide oneself. A repeat changes nothing."""
    profile = lock_profile(profile)
    policies.check_can_edit(profile, by)
    if profile.is_paused:
        return profile
    reason = PauseReason.OWNER
    return take_step(profile, verb="pause", by=by, now=clock.now(), pause_reason=reason)


@transaction.atomic
def resume_profile(*, profile: Profile, by: User) -> Profile:
    """Show oneself again. Raises Conflict (MOVE_IN_PASSED) until another day is named."""
    now = clock.now()
    profile = lock_profile(profile)
    if profile.is_visible:
        return profile
    policies.check_can_resume(profile, by, now)
    return bring_back(profile, by=by, now=now)


def bring_back(profile: Profile, *, by: Actor, now: dt.datetime) -> Profile:
    """Out of the pause of a locked row; words that were changed meanwhile may need a moderator."""
    if profile.flags:
        return take_step(profile, verb="flag", by=SYSTEM, now=now, **NOT_PAUSED)
    return take_step(profile, verb="resume", by=by, now=now, **NOT_PAUSED)


# --- Place ----------------------------------------------------------------------------------------
def _place(profile: Profile, *, now: dt.datetime) -> None:
    """The cell that the table of places knows, at once; a worker may find a better one."""
    _put_cell(profile, None)
    request_geocoding(
        subject_type=SUBJECT,
        subject_id=profile.pk,
        city=profile.city,
        locality=profile.locality,
        now=now,
    )


@transaction.atomic
def place_profile(*, profile_id: Any, city: str, locality: str, point: Point) -> None:
    """Put the profile into the cell of `point`, if it still is where that was asked about."""
    asked = Profile.objects.filter(pk=profile_id, city=city, locality=locality)
    profile = asked.select_for_update(no_key=True).first()
    if profile is not None:
        _put_cell(profile, point)
        profile.save(update_fields=["cell_geohash", "cell_latitude", "cell_longitude"])


def _put_cell(profile: Profile, point: Point | None) -> None:
    profile.cell_geohash, profile.cell_latitude, profile.cell_longitude = public_cell(
        city=profile.city,
        locality=profile.locality,
        latitude=point and point.latitude,
        longitude=point and point.longitude,
    )


def _hour_of(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
