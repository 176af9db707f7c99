"""What happens below reaches visits: holds on listings, matches that end, people who are stopped."""

from typing import Any

from django.dispatch import receiver

from flatmates.signals import match_closed
from ghar.accounts.signals import account_leaving, account_left
from ghar.calendar.signals import reminder_sent
from ghar.properties.signals import listing_status_changed, listing_status_changing
from moderation.signals import (
    people_parting,
    person_restored,
    person_suspended,
    standing_changing,
    user_blocked,
)
from visits.services.listings import (
    follow_listing,
    follow_person,
    keep_apart,
    leave,
    lock_at,
    lock_between,
    lock_plans,
    lock_plans_and_place,
    part,
)
from visits.services.reminders import log_reminder
from visits.services.slots import SUBJECT_TYPE


@receiver(listing_status_changed)
def follow(sender: Any, listing: Any, old: str, now: Any, **kwargs: Any) -> None:
    follow_listing(listing=listing, old=old, now=now)


@receiver([person_suspended, person_restored])
def wait(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    follow_person(person=person, now=now)


@receiver(account_left)
def end(sender: Any, user: Any, **kwargs: Any) -> None:
    leave(person=user)


@receiver(match_closed)
def cancel_meets(sender: Any, match: Any, now: Any, **kwargs: Any) -> None:
    part(match=match, now=now)


@receiver(user_blocked)
def cancel_tours(sender: Any, blocker: Any, blocked: Any, now: Any, **kwargs: Any) -> None:
    keep_apart(blocker, blocked, now=now)


@receiver(standing_changing)
def lock_plans_of(sender: Any, person: Any, **kwargs: Any) -> None:
    lock_plans(person)


@receiver(account_leaving)
def lock_what_ends(sender: Any, user: Any, **kwargs: Any) -> None:
    lock_plans_and_place(user)


@receiver(listing_status_changing)
def lock_at_place(sender: Any, listing: Any, old: str, **kwargs: Any) -> None:
    lock_at(listing, old)


@receiver(people_parting)
def lock_what_they_planned(sender: Any, one: Any, other: Any, **kwargs: Any) -> None:
    lock_between(one, other)


@receiver(reminder_sent)
def log(
    sender: Any, entry: Any, kind: Any, letter: Any, channels: Any, now: Any, **kwargs: Any
) -> None:
    if entry.subject_type == SUBJECT_TYPE:
        log_reminder(kind=kind, letter=letter, channels=channels, now=now)
