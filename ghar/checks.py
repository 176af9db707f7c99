"""System checks: a wrong configuration stops at `manage.py check`, with an id and a hint."""

from typing import Any
import zoneinfo

from django.conf import settings
from django.core import checks
from django.core.checks import Error, Tags, register
from django.db import DatabaseError


@register(Tags.security)
def check_secrets(**_: Any) -> list[Error]:
    """Secrets have no default that would work in production."""
    missing = [name for name in ("SECRET_KEY", "PHONE_PEPPER") if not getattr(settings, name)]
    return [
        Error(f"{name} is empty.", hint=f"Set {name} in the environment.", id="ghar.E001")
        for name in missing
    ]


@register()
def check_zone_data(**_: Any) -> list[Error]:
    """Whoever reads the system's zones may book an hour beside the others."""
    if not zoneinfo.TZPATH:
        return []
    hint = (
        "ghar.settings empties the path, so that the package tzdata is read; do not set it again."
    )
    return [Error("Zones are read from the system.", hint=hint, id="ghar.E006")]


@register(Tags.security)
def check_staff_mfa(**_: Any) -> list[Error]:
    if settings.STAFF_MFA_REQUIRED or settings.DEBUG:
        return []
    return [
        Error(
            "STAFF_MFA_REQUIRED is off.",
            hint="Only a demo with DEBUG on may go without a second factor for staff.",
            id="ghar.E002",
        )
    ]


@register(Tags.security, deploy=True)
def check_channels(**_: Any) -> list[checks.CheckMessage]:
    """The console channel writes codes and reset links into the log."""
    if "console" not in settings.CHANNELS:
        return []
    return [
        checks.Warning(
            "Messages go to the console.",
            hint="Set CHANNELS=email (and the mail server) where real people are to be told.",
            id="ghar.W001",
        )
    ]


@register(Tags.security)
def check_ways_out(**_: Any) -> list[Error]:
    """A wrong key, URL or mail server would cost every message five tries before anybody notices."""
    from ghar.notifications import channels  # noqa: PLC0415 -- models must be ready

    wrong = []
    if not channels.has_valid_key():
        hint = "Give 32 random bytes as base64url: openssl rand 32 | basenc --base64url."
        wrong.append(Error("VAPID_PRIVATE_KEY is no key.", hint=hint, id="ghar.E004"))
    for name in channels.wrong_urls():
        hint = "Each names a channel and has {address} where the reader's number goes."
        wrong.append(Error(f"APPRISE_URLS: {name} cannot work.", hint=hint, id="ghar.E005"))
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        hint = "Most servers take the first on port 587, and the second on port 465."
        both = "EMAIL_USE_TLS and EMAIL_USE_SSL are both on."
        wrong.append(Error(both, hint=hint, id="ghar.E007"))
    return wrong


@register(Tags.security)
def check_clock(**_: Any) -> list[Error]:
    if not settings.CLOCK_ADJUSTABLE or settings.DEBUG:
        return []
    return [
        Error(
            "CLOCK_ADJUSTABLE is on.",
            hint="The staging clock must not move where real people wait for reminders.",
            id="ghar.E003",
        )
    ]


@register(Tags.database)
def check_roles(databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Row-level security needs its three roles; without them the site works, less guarded."""
    from ghar.lib import rls  # noqa: PLC0415 -- only when a database may be asked

    if not databases:
        return []
    try:
        present = rls.roles_exist()
    except DatabaseError:
        return []
    if present:
        return []
    return [
        checks.Warning(
            "Row-level security is off: its roles are missing in this database.",
            hint="Let a superuser run deploy/roles.sql; then, with the site stopped,"
            " `migrate ghar 0001` and `migrate`.",
            id="ghar.W002",
        )
    ]
