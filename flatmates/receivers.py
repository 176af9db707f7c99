"""What happens below reaches people's profiles, matches and conversations."""

from typing import Any

from django.dispatch import receiver

from flatmates.services import photos, profiles
from flatmates.services.matches import close_between
from flatmates.services.profile_review import hold_profile, release_profile
from flatmates.states import PauseReason
from ghar.lib.actors import SYSTEM
from ghar.properties.signals import place_found, upload_finished
from moderation.signals import (
    person_paused,
    person_released,
    person_restored,
    person_suspended,
    user_blocked,
)


@receiver(place_found)
def place(sender: Any, subject_type: str, subject_id: Any, **found: Any) -> None:
    if subject_type == profiles.SUBJECT:
        where = {name: found[name] for name in ("city", "locality", "point")}
        profiles.place_profile(profile_id=subject_id, **where)


@receiver(upload_finished)
def choose_avatar(sender: Any, upload: Any, **kwargs: Any) -> None:
    photos.follow_upload(upload=upload)


@receiver(user_blocked)
def part(sender: Any, blocker: Any, blocked: Any, now: Any, **kwargs: Any) -> None:
    close_between(one=blocker, other=blocked, verb="block", by=blocker, now=now)


@receiver(person_suspended)
def hide_suspended(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    hold_profile(person=person, reason=PauseReason.SUSPENDED, by=SYSTEM, now=now)


@receiver(person_restored)
def show_restored(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    release_profile(person=person, reason=PauseReason.SUSPENDED, by=SYSTEM, now=now)


@receiver(person_paused)
def hide_reported(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    hold_profile(person=person, reason=PauseReason.REPORTS, by=SYSTEM, now=now)


@receiver(person_released)
def show_released(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    release_profile(person=person, reason=PauseReason.REPORTS, by=SYSTEM, now=now)
