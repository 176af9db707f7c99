"""The check of a listing: what it looks like, whom it repeats, and what follows from that.

Insert first, commit, then search: whoever of two simultaneous copies comes last sees the other,
and whoever was first asks for the other to be checked again.
"""

from collections.abc import Iterable
import datetime as dt
from typing import NamedTuple
import uuid

from ghar.lib.actors import SYSTEM
from ghar.lib.rls import WORKER, acting_as
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.properties.models import Property
from ghar.properties.services import review as properties
from moderation import policies
from moderation.models import AllowPair, Fingerprint, ListingCheck, RiskScore
from moderation.rules.completeness import completeness_reasons
from moderation.rules.duplicates import duplicate_reasons
from moderation.rules.facts import ListingFacts, PhotoMatch, Reason
from moderation.rules.limits import DetectionSettings
from moderation.rules.phone import phone_reasons
from moderation.rules.photos import photo_reasons
from moderation.rules.price import price_reasons
from moderation.rules.scoring import Assessment, assess
from moderation.rules.text import text_reasons
from moderation.services import cases, facts as gather, photos, summary

CHECK_TASK = "moderation.run_due_checks"


class Prepared(NamedTuple):
    """What was put into the indexes, and of which state of the listing it speaks."""

    variants: photos.Variants
    facts: ListingFacts
    fingerprint: Fingerprint

    def speaks_of(self, listing: Property) -> bool:
        ready = set(listing.media.ready().values_list("pk", flat=True))
        return self.fingerprint.version == listing.content_version and ready == set(self.variants)


class Findings(NamedTuple):
    assessment: Assessment
    # Later copies that still wait to be looked at by somebody.
    copies: set[uuid.UUID]


def request_check(*, listing: Property, now: dt.datetime) -> None:
    """Write the due row in the transaction of its cause and wake a worker after the commit."""
    ListingCheck.objects.request(listing=listing, now=now)
    wake(CHECK_TASK)


def run_check(*, check: ListingCheck, may_hold: bool, now: dt.datetime) -> None:
    """Index the listing, score it and act on the score; while not `may_hold` nothing is held."""
    limits = gather.detection_limits()
    prepared = prepare(listing_id=check.listing_id, limits=limits)
    with acting_as(WORKER):
        listing = Property.objects.select_for_update(no_key=True).get(pk=check.listing_id)
        if not prepared.speaks_of(listing):
            request_check(listing=listing, now=now)
            _finish(check, DueState.SKIPPED, now)
        elif not policies.is_scored(listing):
            # A draft or what has ended: its photos are known now, nobody waits for a score.
            _finish(check, DueState.SKIPPED, now)
        else:
            found = judge(prepared, limits)
            _store(check, listing, found.assessment, limits, now)
            _act(listing, found.assessment, may_hold=may_hold, now=now)
            for copy in Property.objects.filter(pk__in=found.copies):
                request_check(listing=copy, now=now)


def prepare(*, listing_id: uuid.UUID, limits: DetectionSettings) -> Prepared:
    """Put photos and fingerprint where simultaneous checks of other listings find them."""
    with acting_as(WORKER):
        listing = Property.objects.get(pk=listing_id)
        variants = photos.index_photos(listing=listing, limits=limits)
        facts = gather.facts_of(listing)
        return Prepared(variants, facts, gather.store_fingerprint(listing=listing, facts=facts))


def judge(prepared: Prepared, limits: DetectionSettings) -> Findings:
    """All rules over one listing; runs as a worker, because it compares with other people's."""
    facts = prepared.facts
    allowed = AllowPair.objects.partners_of(facts.id)
    matches = photos.find_matches(listing_id=facts.id, variants=prepared.variants, limits=limits)
    matches = [match for match in matches if match.other_listing_id not in allowed]
    candidates = gather.candidates_for(
        facts=facts,
        own=prepared.fingerprint,
        seen_in={match.other_listing_id for match in matches},
        allowed=allowed,
    )
    reasons = [
        *photo_reasons(facts, matches, limits),
        *duplicate_reasons(facts, candidates, limits),
        *phone_reasons(facts, candidates, limits),
        *price_reasons(facts, gather.price_cells(facts), limits),
        *completeness_reasons(facts, limits),
        *text_reasons(facts, limits),
    ]
    return Findings(assess(reasons, limits), _later_copies(facts, candidates, matches, limits))


def _later_copies(
    facts: ListingFacts,
    candidates: Iterable[ListingFacts],
    matches: Iterable[PhotoMatch],
    limits: DetectionSettings,
) -> set[uuid.UUID]:
    """Copies of this one that may have been checked before this one could be seen."""
    showing = {match.other_listing_id for match in matches if not match.other_was_first}
    later = [
        other
        for other in candidates
        if other.owner_id != facts.owner_id and facts.was_before(other)
    ]
    copying = {other.id for other in later if _repeats(other, facts, limits)}
    waiting = Property.objects.filter(pk__in=showing | copying, status__in=policies.UNDECIDED)
    return set(waiting.exclude(owner=facts.owner_id).values_list("pk", flat=True))


def _repeats(other: ListingFacts, facts: ListingFacts, limits: DetectionSettings) -> list[Reason]:
    return duplicate_reasons(other, [facts], limits)


def _store(
    check: ListingCheck,
    listing: Property,
    assessment: Assessment,
    limits: DetectionSettings,
    now: dt.datetime,
) -> None:
    before = RiskScore.objects.filter(listing=listing).first()
    RiskScore.objects.update_or_create(
        listing=listing,
        defaults={
            "owner_id": listing.owner_id,
            "risk_score": assessment.score,
            "risk_level": assessment.level,
            "status": assessment.status,
            "reasons": [reason.as_json() for reason in assessment.reasons],
            "similar_listings": assessment.similar_listings,
            "summary": summary.carried_forward(
                listing, before, assessment.reasons, limits
            ),
            "content_version": listing.content_version,
        },
    )
    check.risk_score = assessment.score
    check.risk_status = assessment.status
    check.reason_codes = [reason.code for reason in assessment.reasons if reason.weight]
    _finish(check, DueState.DONE, now)


def _finish(check: ListingCheck, state: DueState, now: dt.datetime) -> None:
    check.state, check.lease_until, check.checked_at = state, None, now
    check.save()


def _act(
    listing: Property, assessment: Assessment, *, may_hold: bool, now: dt.datetime
) -> None:
    """Move the listing; what a moderator decided about this very version stands."""
    if not policies.is_settled(listing):
        if assessment.needs_review and may_hold:
            _hold(listing, now)
        elif policies.waits_for_check(listing):
            properties.pass_check(listing=listing, by=SYSTEM, now=now)
    listing.refresh_from_db()
    cases.sync_cases(listing=listing, now=now, is_rescored=True)
