"""The check of a listing: what it looks like, whom it repeats, and what follows from that.

Insert first, commit, then search: whoever of two simultaneous copies comes last sees the other,
and whoever was first asks for the other to be checked again.
"""

from collections.abc import Iterable
import datetime as dt
from typing import Any, Final, NamedTuple
import uuid

import structlog

from ghar.lib.actors import SYSTEM
from ghar.lib.claim import LEASE, claim_due, failing_alone
from ghar.lib.rls import WORKER, acting_as
from ghar.lib.wake import wake
from ghar.models import DueState
from ghar.properties.models import Property
from ghar.properties.services.moves import host_page, lock_listing
from ghar.properties.services.review import give_up_check, hold_listing, pass_check
from ghar.realtime.models import EventType
from ghar.realtime.services import emit
from moderation import policies
from moderation.models import AllowPair, Fingerprint, ListingCheck, RiskScore
from moderation.rules.duplicates import duplicate_reasons
from moderation.rules.facts import ListingFacts, PhotoMatch
from moderation.rules.limits import DetectionSettings
from moderation.rules.phone import phone_reasons
from moderation.rules.photos import photo_reasons
from moderation.rules.prescreen import content_reasons
from moderation.rules.price import price_reasons
from moderation.rules.reliability import reliability_reasons
from moderation.rules.scoring import Assessment, assess
from moderation.services import facts as gather
from moderation.services import photos, summary
from moderation.services.cases import sync_cases

CHECKS_A_RUN: Final = 20


class Prepared(NamedTuple):
    """What was put into the indexes, and so of which state of the listing a check speaks."""

    variants: photos.Variants
    facts: ListingFacts
    fingerprint: Fingerprint

    def speaks_of(self, listing: Property) -> bool:
        ready = set(listing.media.ready().values_list("pk", flat=True))
        return self.fingerprint.version == listing.content_version and ready == set(self.variants)


log = structlog.get_logger(__name__)


class Findings(NamedTuple):
    assessment: Assessment
    # Later copies that nobody has decided about yet.
    copies: set[uuid.UUID]


def request_check(*, listing: Property, now: dt.datetime) -> None:
    """Write the due row in the transaction of its cause and wake a worker after the commit."""
    ListingCheck.objects.request(listing=listing, now=now)
    wake("moderation.run_due_checks")


def run_due_checks(*, may_hold: bool, now: dt.datetime) -> int:
    """Check the listings that wait, one claim at a time. Returns how many were looked at."""
    _give_up_on_dead_checks(now=now)
    for count in range(CHECKS_A_RUN):
        claimed = claim_due(ListingCheck.objects.select_related("listing"), now=now, limit=1)
        if not claimed:
            return count
        with failing_alone(claimed[0]):
            run_check(check=claimed[0], may_hold=may_hold, now=now)
    wake("moderation.run_due_checks")
    return CHECKS_A_RUN


def _give_up_on_dead_checks(*, now: dt.datetime) -> None:
    """What five workers could not check, a person looks at."""
    for check in ListingCheck.objects.given_up().select_related("listing"):
        try:
            with acting_as(WORKER):
                version = check.content_version
                give_up_check(listing=check.listing, content_version=version, now=now)
        except Exception:
            # The others are checked all the same; this one is tried again with the next run.
            log.exception("check_not_given_up", check=str(check.pk))


def check_now(*, listing: Property, may_hold: bool, now: dt.datetime) -> Assessment | None:
    """Check while somebody waits for the answer; None if the listing must be checked again later.

    The row is born claimed: a worker takes it only if this process dies.
    """
    with acting_as(WORKER):
        check = ListingCheck.objects.create(
            listing=listing,
            content_version=listing.content_version,
            due_at=now,
            lease_until=now + LEASE,
            attempts=1,
        )
    return run_check(check=check, may_hold=may_hold, now=now)


def run_check(*, check: ListingCheck, may_hold: bool, now: dt.datetime) -> Assessment | None:
    """Index the listing, score it and act on the score; while not `may_hold` nothing is held."""
    limits = gather.detection_limits()
    prepared = prepare(listing_id=check.listing_id, limits=limits)
    with acting_as(WORKER):
        listing = lock_listing(check.listing)
        # A draft, or photos still on their way: what is ready is in the index now, and the last
        # of the photos asks again.
        if not policies.is_scored(listing) or listing.media.processing().exists():
            _finish(check, DueState.SKIPPED, now)
            return None
        if not prepared.speaks_of(listing):
            _finish(check, DueState.SKIPPED, now)
            request_check(listing=listing, now=now)
            return None
        return _check(check, listing, prepared, limits, may_hold=may_hold, now=now)


def prepare(*, listing_id: uuid.UUID, limits: DetectionSettings) -> Prepared:
    """Put photos and fingerprint where simultaneous checks of other listings find them."""
    with acting_as(WORKER):
        listing = Property.objects.get(pk=listing_id)
        variants = photos.index_photos(listing=listing, limits=limits)
        facts = gather.facts_of(listing)
        return Prepared(variants, facts, gather.store_fingerprint(listing=listing, facts=facts))


def judge(prepared: Prepared, limits: DetectionSettings) -> Findings:
    """All rules over one listing. As a worker: it compares with other people's."""
    facts = prepared.facts
    allowed = AllowPair.objects.partners_of(facts.id)
    matches = [
        match
        for match in photos.find_matches(
            listing_id=facts.id, variants=prepared.variants, limits=limits
        )
        if match.other_listing_id not in allowed
    ]
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
        *content_reasons(facts, limits, ceiling=gather.rent_ceiling(facts)),
        *reliability_reasons(gather.record_of_host(facts.owner_id), limits),
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
    repeating = {
        other.id
        for other in candidates
        if facts.was_before(other) and duplicate_reasons(other, [facts], limits)
    }
    copies = Property.objects.filter(
        pk__in=showing | repeating, status__in=policies.UNDECIDED
    ).exclude(owner=facts.owner_id)
    return set(copies.values_list("pk", flat=True))


def _check(
    check: ListingCheck,
    listing: Property,
    prepared: Prepared,
    limits: DetectionSettings,
    *,
    may_hold: bool,
    now: dt.datetime,
) -> Assessment:
    found = judge(prepared, limits)
    before = RiskScore.objects.filter(listing=listing).first()
    _store(listing, found.assessment, before, limits)
    _finish(check, DueState.DONE, now, found.assessment)
    if not policies.is_settled(listing):
        objections = _unanswered(listing, found.assessment, before, limits)
        listing = _move(listing, is_clean=not (may_hold and objections.needs_review), now=now)
    sync_cases(listing=listing, now=now)
    _tell_open_pages(listing)
    # In one order with whoever asks for several at once, against deadlocks.
    for copy in Property.objects.filter(pk__in=found.copies).order_by("pk"):
        request_check(listing=copy, now=now)
    return found.assessment


def _store(
    listing: Property,
    assessment: Assessment,
    before: RiskScore | None,
    limits: DetectionSettings,
) -> None:
    values: dict[str, Any] = {
        "owner_id": listing.owner_id,
        "risk_score": assessment.score,
        "risk_level": assessment.level,
        "status": assessment.status,
        "reasons": [reason.as_json() for reason in assessment.reasons],
        "similar_listings": assessment.similar_listings,
        "summary": summary.carried_forward(listing, before, assessment.reasons, limits),
        "content_version": listing.content_version,
    }
    RiskScore.objects.update_or_create(listing=listing, defaults=values)


def _finish(
    check: ListingCheck, state: DueState, now: dt.datetime, assessment: Assessment | None = None
) -> None:
    check.state, check.lease_until, check.checked_at = state, None, now
    if assessment:
        check.risk_score, check.risk_status = assessment.score, assessment.status
        codes = (reason.code for reason in assessment.reasons if reason.weight)
        check.reason_codes = list(dict.fromkeys(codes))
    check.save()


def _unanswered(
    listing: Property,
    assessment: Assessment,
    before: RiskScore | None,
    limits: DetectionSettings,
) -> Assessment:
    """Of an approved listing only what its moderator did not know when approving."""
    if before is None or not listing.is_approved:
        return assessment
    answered = {reason["code"] for reason in before.reasons if reason["weight"]}
    return assess((r for r in assessment.reasons if r.code not in answered), limits)


def _move(listing: Property, *, is_clean: bool, now: dt.datetime) -> Property:
    version = listing.content_version
    if is_clean:
        return pass_check(listing=listing, content_version=version, now=now)
    return hold_listing(listing=listing, by=SYSTEM, now=now, content_version=version)


def _tell_open_pages(listing: Property) -> None:
    """The poster's list of points is fresh, also where the status is what it was."""
    emit(
        to=listing.owner,
        type=EventType.LISTING_STATUS_CHANGED,
        object_type="property",
        object_id=listing.pk,
        status=listing.status,
        route=host_page(listing),
    )
