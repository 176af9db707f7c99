"""A row of every kind that the console shows and the world of the permission table lacks."""

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from flatmates.models import Catalog
from ghar import flags
from ghar.lib import clock
from ghar.models import ClockOffset, Flag
from ghar.properties.models import GeocodeJob, ImageJob, ListingArrival
from moderation.models import (
    AllowPair,
    Appeal,
    Decision,
    Fingerprint,
    ListingCheck,
    PhotoHash,
)
from tests.factories import ApiTokenFactory
from tests.permissions.world import World
from visits.models import AgentInteraction


def add_what_the_world_lacks(world: World) -> None:
    now, draft, admin = clock.now(), world.draft, world.people["admin"]
    theirs = {"listing": draft, "owner_id": draft.owner_id}
    Flag.objects.create(name=flags.VIEWINGS)
    ClockOffset.objects.create(offset=dt.timedelta())
    Catalog.objects.create(key="vibes", payload=[{"value": "tidy", "label": {"en": "Tidy"}}])
    ApiTokenFactory(user=draft.owner)
    Authenticator.objects.create(user=admin, type="totp", data={})
    UserSession.objects.create(user=admin, ip="127.0.0.1", session_key="key", user_agent="Phone")
    ImageJob.objects.create(media=world.draft_photo, due_at=now, state="done")
    ListingArrival.objects.create(listing=draft, due_at=now, state="done")
    GeocodeJob.objects.create(
        subject_type="property", subject_id=draft.pk, city="Kigali", due_at=now, state="done"
    )
    ListingCheck.objects.create(listing=draft, content_version=1, due_at=now, state="done")
    Fingerprint.objects.create(**theirs, version=1, fingerprint_hash="0f")
    PhotoHash.objects.create(
        **theirs, media=world.draft_photo, phash="0f", ph=15, ph256=bytes(32), algo_version=1
    )
    decision = Decision.objects.create(
        listing=draft,
        case=world.case,
        verdict="reject",
        message="Please take photos yourself.",
        previous_status="in_review",
        content_version=1,
        decided_by=admin,
        decided_at=now,
    )
    Appeal.objects.create(listing=draft, decision=decision, message="They are mine.")
    first, second = sorted((draft, world.live), key=lambda each: each.pk)
    AllowPair.objects.create(first=first, second=second, made_by=admin, decision=decision)
    AgentInteraction.objects.create(agent=world.visit.agent, user=draft.owner, kind="chat")
