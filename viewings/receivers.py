from typing import Any

from django.dispatch import receiver

from ghar.accounts.signals import account_leaving, account_left, contact_verified, session_claimed
from ghar.calendar.signals import reminder_sent
from ghar.properties.signals import listing_status_changed, listing_status_changing
from moderation.signals import (
    people_parting,
    person_restored,
    person_suspended,
    standing_changing,
    user_blocked,
)
from viewings.services.booking import SUBJECT_TYPE
from viewings.services.listings import (
    follow_listing,
    follow_person,
    keep_apart,
    leave,
    lock_at,
    lock_between,
    lock_plans,
)
from viewings.services.messages import share_addresses
from viewings.services.reminders import log_reminder
from viewings.services.requests import claim_session_viewings


@receiver(listing_status_changed)
def follow(sender: Any, listing: Any, old: str, now: Any, **kwargs: Any) -> None:
    follow_listing(listing=listing, old=old, now=now)


@receiver([person_suspended, person_restored])
def wait(sender: Any, person: Any, now: Any, **kwargs: Any) -> None:
    follow_person(person=person, now=now)


@receiver(account_left)
def end(sender: Any, user: Any, **kwargs: Any) -> None:
    leave(person=user)


@receiver(user_blocked)
def cancel(sender: Any, blocker: Any, blocked: Any, now: Any, **kwargs: Any) -> None:
    keep_apart(blocker, blocked, now=now)


@receiver(standing_changing)
def lock_plans_of(sender: Any, person: Any, **kwargs: Any) -> None:
    lock_plans(person)


@receiver(account_leaving)
def lock_what_ends(sender: Any, user: Any, **kwargs: Any) -> None:
    lock_plans(user)


@receiver(listing_status_changing)
def lock_at_place(sender: Any, listing: Any, old: str, **kwargs: Any) -> None:
    lock_at(listing, old)


@receiver(people_parting)
def lock_what_they_planned(sender: Any, one: Any, other: Any, **kwargs: Any) -> None:
    lock_between(one, other)


@receiver(session_claimed)
def hand_over(sender: Any, session: Any, user: Any, now: Any, **kwargs: Any) -> None:
    claim_session_viewings(session=session, user=user, now=now)


@receiver(contact_verified)
def share(sender: Any, principal: Any, now: Any, **kwargs: Any) -> None:
    share_addresses(principal=principal, now=now)


@receiver(reminder_sent)
def log(
    sender: Any, entry: Any, kind: Any, letter: Any, channels: Any, now: Any, **kwargs: Any
) -> None:
    if entry.subject_type == SUBJECT_TYPE:
        log_reminder(kind=kind, letter=letter, channels=channels, now=now)
