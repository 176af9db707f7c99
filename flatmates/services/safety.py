"""What somebody tells us about another person, with the evidence as it is at that moment."""

from typing import Any, Final, NamedTuple
import uuid

from django.db import transaction

from flatmates.models import Conversation, Message, Profile
from flatmates.policies.safety import check_knows
from flatmates.rules.age import age_bucket
from ghar.accounts.models import User
from ghar.properties.models import Property
from moderation.models import Report
from moderation.policies import check_can_report
from moderation.services.reports import file_report

MESSAGES_KEPT: Final = 30
_OF_PROFILE: Final = (
    *("mode", "bio", "gender", "profession", "city", "locality", "vibe_tags", "non_negotiables"),
)
_OF_LISTING: Final = (
    *("title", "description", "price_amount", "currency", "city", "locality", "society"),
)


class Subject(NamedTuple):
    """Of whom a report speaks, and what the two have to do with each other."""

    person: User
    conversation: Conversation | None
    listing: Property | None


def subject_of(
    *,
    by: User,
    person: User,
    conversation_id: uuid.UUID | None = None,
    listing: Property | None = None,
) -> Subject:
    """Raises Invalid (oneself, somebody else's listing) or NotFound (somebody never met)."""
    check_can_report(by, person, listing)
    conversation = Conversation.objects.between(by.pk, person.pk).first()
    check_knows(
        by, person, conversation=conversation, conversation_id=conversation_id, listing=listing
    )
    return Subject(person, conversation, listing)


def waiting_report(*, by: User, person: User, listing: Property | None) -> Report | None:
    """What this reporter has told us about the target, while it waits."""
    about = Report.objects.about(person_id=person.pk, listing_id=listing.pk if listing else None)
    return about.undecided().filter(reporter=by).first()


@transaction.atomic
def report_person(
    *,
    by: User,
    reported: User,
    reason: str,
    notes: str,
    conversation_id: uuid.UUID | None = None,
    listing: Property | None = None,
) -> tuple[Report, bool]:
    """The report, and whether it is new; about the listing where one is named, else the person.

    Raises NotFound, Invalid or RateLimited.
    """
    subject = subject_of(by=by, person=reported, conversation_id=conversation_id, listing=listing)
    profile = Profile.objects.for_cards().filter(user=reported).first()
    talk = subject.conversation
    return file_report(
        reporter=by,
        reported=reported,
        reason=reason,
        notes=notes,
        evidence=_evidence(subject, profile, by),
        content_mark=_mark(profile, listing),
        listing=listing,
        conversation_id=talk.pk if talk else None,
    )


def _mark(profile: Profile | None, listing: Property | None) -> str:
    """The content that the report speaks of; nothing where there is none to judge."""
    content = listing or profile
    return f"v{content.content_version}" if content else ""


def _evidence(subject: Subject, profile: Profile | None, by: User) -> dict[str, Any]:
    found: dict[str, Any] = {"name": subject.person.public_name}
    if profile is not None:
        found["profile"] = _profile(profile)
    if subject.listing is not None:
        found["listing"] = _listing(subject.listing)
    if subject.conversation is not None:
        latest = subject.conversation.messages.order_by("-number")[:MESSAGES_KEPT]
        found["messages"] = [_message(row, by) for row in reversed(latest)]
    return found


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        **{name: getattr(profile, name) for name in _OF_PROFILE},
        "age_bucket": age_bucket(profile.age),
        "photos": [str(photo.upload_id) for photo in profile.shown_photos],
    }


def _listing(listing: Property) -> dict[str, Any]:
    photos = listing.media.ready().values_list("pk", flat=True)
    return {
        **{name: getattr(listing, name) for name in _OF_LISTING},
        "photos": [str(pk) for pk in photos],
    }


def _message(message: Message, by: User) -> dict[str, Any]:
    sides = {by.pk: "reporter", None: ""}
    return {
        "id": str(message.pk),
        "from": sides.get(message.sender_id, "reported"),
        "body": message.body,
        "picture": str(message.attachment_id) if message.attachment_id else "",
        "at": message.created_at.isoformat(),
    }
