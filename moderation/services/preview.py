"""What the check says to somebody who waits for it: the poster beforehand, staff at any time."""

import datetime as dt
from typing import Any

from ghar.lib.rls import WORKER, acting_as
from ghar.properties.models import Property
from moderation import policies
from moderation.rules.limits import DetectionSettings
from moderation.rules.scoring import Assessment, severity_of
from moderation.services import photos
from moderation.services.checks import Prepared, check_now, judge
from moderation.services.facts import detection_limits, facts_of, unsaved_fingerprint
from moderation.services.summary import UNCHECKED, as_stored, worded


def preview_risk(*, listing: Property) -> dict[str, Any]:
    """The owner's summary of the listing as it is now; nothing is stored and nothing moves.

    It compares with other people's listings, so it works as a worker and hands out only words.
    """
    limits = detection_limits()
    assessment = judged_as_it_is(listing, limits)
    return worded(listing, status=assessment.status, stored=as_stored(assessment.reasons, limits))


def prescreen(*, listing: Property, may_hold: bool, now: dt.datetime) -> dict[str, Any]:
    """{flags, decision, checklist} for staff, decided now as the check decides it.

    `decision` is the status that the listing has after it; what is not under review, like a
    draft, is judged and stays where it is.
    """
    limits = detection_limits()
    reasons = assess_now(listing=listing, may_hold=may_hold, now=now).reasons
    flags = [
        reason.as_json() | {"severity": severity_of(reason, limits)}
        for reason in reasons
        if reason.weight
    ]
    told = worded(listing, status=UNCHECKED, stored=as_stored(reasons, limits))
    return {"flags": flags, "decision": listing.status, "checklist": told["checklist"]}


def assess_now(*, listing: Property, may_hold: bool, now: dt.datetime) -> Assessment:
    """For staff: the check itself where one is due by the status, else only its judgement."""
    assessment = None
    if policies.is_scored(listing):
        assessment = check_now(listing=listing, may_hold=may_hold, now=now)
        listing.refresh_from_db(fields=["status"])
    return assessment or judged_as_it_is(listing, detection_limits())


def judged_as_it_is(listing: Property, limits: DetectionSettings) -> Assessment:
    with acting_as(WORKER):
        facts = facts_of(listing)
        prepared = Prepared(
            photos.stored_hashes(listing.media.ready()), facts, unsaved_fingerprint(listing, facts)
        )
        return judge(prepared, limits).assessment
