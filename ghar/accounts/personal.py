"""The registry of personal data: which columns hold any, what becomes of them, and who exports them.

Every app registers its own columns when it starts; a test fails on a column that is not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from allauth.usersessions.models import UserSession

from ghar.accounts.models import User
from ghar.api.models import IdempotencyKey
from ghar.audit.models import AuditEvent
from ghar.calendar.models import Reminder, Resource, ResourceKind
from ghar.notifications.models import ChannelPreference, Notification
from ghar.realtime.models import Event

Exporter = Callable[[User], Any]
Eraser = Callable[[User], None]


class Rule(StrEnum):
    """What becomes of a column when its person leaves."""

    DELETE = "delete"  # goes with the row
    PSEUDONYMISE = "pseudonymise"  # stays, and names nobody
    KEEP = "keep"  # stays as it is, for the reason given
    NOT_PERSONAL = "not personal"


@dataclass(frozen=True)
class Fate:
    rule: Rule
    days: int | None = None  # the longest life, where one is set apart from the account's
    reason: str = ""


DELETE: Final = Fate(Rule.DELETE)
NOT_PERSONAL: Final = Fate(Rule.NOT_PERSONAL)


def delete_after(days: int) -> Fate:
    return Fate(Rule.DELETE, days=days)


def pseudonymise(reason: str) -> Fate:
    return Fate(Rule.PSEUDONYMISE, reason=reason)


def keep(reason: str) -> Fate:
    return Fate(Rule.KEEP, reason=reason)


FIELDS: dict[str, dict[str, Fate]] = {}
EXPORTERS: dict[str, Exporter] = {}
ERASERS: list[Eraser] = []


def register(label: str, **fates: Fate) -> None:
    """The columns of one model, as `register("accounts.User", email=DELETE)`."""
    FIELDS.setdefault(label, {}).update(fates)


def register_exporter(section: str, exporter: Exporter) -> None:
    """`exporter(user)` returns all that the app holds about the user, ready for JSON."""
    EXPORTERS[section] = exporter


def register_eraser(eraser: Eraser) -> None:
    """`eraser(user)` runs before the account's row and its cascade go."""
    ERASERS.append(eraser)


def export(user: User) -> dict[str, Any]:
    return {section: exporter(user) for section, exporter in sorted(EXPORTERS.items())}


def erase(user: User) -> None:
    for eraser in ERASERS:
        eraser(user)


# --- What accounts and the packages below it hold -------------------------------------------------
register(
    "accounts.User",
    password=DELETE,
    full_name=DELETE,
    email=DELETE,
    phone=DELETE,
    avatar_id=DELETE,
    timezone=DELETE,
)
register(
    "accounts.SeekerSession",
    secret_hash=DELETE,
    contact_email=DELETE,
    contact_phone=DELETE,
    timezone=DELETE,
    claimed_by=DELETE,
)
register("accounts.ApiToken", user=DELETE, token_hash=DELETE)
register("accounts.VerificationCode", user=DELETE, session=DELETE, identifier=delete_after(1))
register(
    "notifications.Notification",
    user=delete_after(180),
    session=delete_after(180),
    title=delete_after(180),
    body=delete_after(180),
    route=delete_after(180),
    key=NOT_PERSONAL,
    thread=NOT_PERSONAL,
    appointment_id=NOT_PERSONAL,
)
register("notifications.ChannelPreference", user=DELETE, session=DELETE)
register("notifications.Device", user=DELETE, token=DELETE)
register(
    "notifications.Delivery",
    user=delete_after(180),
    session=delete_after(180),
    title=delete_after(180),
    body=delete_after(180),
    route=delete_after(180),
    key=NOT_PERSONAL,
    last_error=NOT_PERSONAL,
)
register("calendar.Resource", owner_id=DELETE)
register("calendar.Claim", busy=DELETE, subject_type=NOT_PERSONAL, subject_id=NOT_PERSONAL)
register(
    "calendar.CalendarEntry",
    subject_type=NOT_PERSONAL,
    subject_id=NOT_PERSONAL,
    timezone=NOT_PERSONAL,
)
register("calendar.CalendarFeed", user=DELETE, key_hash=DELETE)
register("calendar.Reminder", recipient=DELETE, channel=NOT_PERSONAL, last_error=NOT_PERSONAL)
register(
    "realtime.Event",
    channel=delete_after(7),
    object_type=NOT_PERSONAL,
    object_id=NOT_PERSONAL,
    status=NOT_PERSONAL,
    route=NOT_PERSONAL,
)
register(
    "api.IdempotencyKey",
    caller=delete_after(1),
    key=delete_after(1),
    request_hash=delete_after(1),
    body=delete_after(1),
)
register(
    "audit.AuditEvent",
    actor_kind=NOT_PERSONAL,
    actor_id=keep("a random id that leads to nobody once the account is gone"),
    actor_label=pseudonymise("written as a pseudonym: rows of the chain cannot change"),
    action=NOT_PERSONAL,
    target_type=NOT_PERSONAL,
    target_id=keep("as actor_id"),
    data=keep("holds states and codes, no contact details"),
    previous_hash=NOT_PERSONAL,
    hash=NOT_PERSONAL,
)
register("ghar.Flag", note=NOT_PERSONAL)


def export_account(user: User) -> dict[str, Any]:
    columns = ("full_name", "email", "phone", "role", "timezone", "language", "created_at")
    return {
        "id": str(user.pk),
        **{name: getattr(user, name) for name in columns},
        "email_verified": user.email_verified,
        "phone_verified": user.phone_verified,
        "tokens": list(user.api_tokens.values("created_at", "expires_at")),
        "sessions": list(
            UserSession.objects.filter(user=user).values("created_at", "ip", "user_agent")
        ),
        "seeker_sessions": list(
            user.seeker_sessions.values("created_at", "contact_email", "contact_phone")
        ),
        "devices": list(user.devices.values("platform", "created_at")),
    }


def export_notifications(user: User) -> dict[str, Any]:
    return {
        "received": list(
            Notification.objects.of(user).values("type", "title", "body", "is_read", "created_at")
        ),
        "channels": list(
            ChannelPreference.objects.of(user).values("channel", "purpose", "is_opted_in")
        ),
    }


def export_audit(user: User) -> list[Any]:
    acted = AuditEvent.objects.filter(actor_id=user.actor_id)
    return list(acted.values("at", "action", "target_type", "target_id", "channel"))


def erase_traces(user: User) -> None:
    """What names the person by text or by a bare id, where no cascade reaches."""
    Event.objects.of(user.event_channel).delete()
    IdempotencyKey.objects.filter(caller=user.event_channel).delete()
    Reminder.objects.filter(recipient=user.event_channel).delete()
    Resource.objects.filter(kind=ResourceKind.PERSON, owner_id=user.pk).delete()


register_exporter("account", export_account)
register_exporter("notifications", export_notifications)
register_exporter("audit", export_audit)
register_eraser(erase_traces)
