"""What the check would say, before anything is sent in."""

from typing import Any

from ghar.lib.rls import WORKER, acting_as
from ghar.properties.models import Property
from moderation.services import photos
from moderation.services.checks import Prepared, judge
from moderation.services.facts import detection_limits, facts_of, unsaved_fingerprint
from moderation.services.summary import as_stored, worded


def preview_risk(*, listing: Property) -> dict[str, Any]:
    """The owner's summary of the listing as it is now; nothing is stored and nothing moves.

    It compares with other people's listings, so it works as a worker and hands out only words.
    """
    limits = detection_limits()
    with acting_as(WORKER):
        facts = facts_of(listing)
        prepared = Prepared(
            photos.stored_hashes(listing), facts, unsaved_fingerprint(listing, facts)
        )
        assessment = judge(prepared, limits).assessment
    return worded(listing, status=assessment.status, stored=as_stored(assessment.reasons, limits))
