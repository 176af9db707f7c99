"""Seekers without an account: a session, its contact, and how it becomes somebody's."""

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction

from ghar.accounts.models import NOWHERE, SeekerSession, User
from ghar.accounts.services.contacts import as_columns, read_identifier
from ghar.accounts.signals import session_claimed
from ghar.errors import NotFound
from ghar.lib.hashes import hash_secret
from ghar.notifications.services.lines import hand_over
from ghar.realtime.services import end_streams


def open_session(*, now: dt.datetime, language: str = "en") -> tuple[SeekerSession, str]:
    """A new session and its secret, which is shown this once."""
    secret = secrets.token_urlsafe(32)
    session = SeekerSession.objects.create(
        secret_hash=hash_secret(secret),
        language=language,
        expires_at=now + dt.timedelta(days=settings.SEEKER_SESSION_DAYS),
    )
    return session, secret


def give_contact(*, session: SeekerSession, contact: str) -> SeekerSession:
    """The one address at which the seeker wants to be reached; a new one is unproved."""
    columns = as_columns(read_identifier(contact, field="contact"))
    email, phone = columns.get("email"), columns.get("phone")
    if (session.contact_email, session.contact_phone) == (email, phone):
        return session
    session.contact_email, session.contact_phone = email, phone
    session.contact_verified_at = None
    session.save(update_fields=["contact_email", "contact_phone", "contact_verified_at"])
    return session


def settle(*, session: SeekerSession, timezone: str, is_guess: bool) -> None:
    """Where they are: as their browser says; until it does, their nights are those of the first
    place that they ask about.
    """
    if not timezone or (is_guess and session.timezone != NOWHERE):
        return
    session.timezone, session.is_zone_guessed = timezone, is_guess
    session.save(update_fields=["timezone", "is_zone_guessed"])


@transaction.atomic
def claim_session(*, secret: str, user: User, now: dt.datetime) -> SeekerSession:
    """What the session holds belongs to the user from here on; a repeat changes nothing."""
    session = SeekerSession.objects.with_secret(secret).select_for_update(no_key=True).first()
    if session is not None and session.claimed_by_id == user.pk:
        return session
    if session is None or session.claimed_by_id or session.expires_at <= now:
        raise NotFound
    session.claimed_by, session.claimed_at = user, now
    session.save(update_fields=["claimed_by", "claimed_at"])
    hand_over(session=session, user=user)
    session_claimed.send(sender=SeekerSession, session=session, user=user, now=now)
    end_streams(session.event_channel)
    return session
