"""A phone number that other posters use too. Families and agencies do: it never holds alone."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings


def phone_reasons(
    listing: ListingFacts, candidates: Iterable[ListingFacts], limits: DetectionSettings
) -> list[Reason]:
    sharing = [
        other
        for other in candidates
        if other.owner_id != listing.owner_id
        and other.first_submitted_at is not None
        and listing.phone_hashes & other.phone_hashes
    ]
    if not sharing:
        return []
    posters = {other.owner_id for other in sharing}
    return [
        Reason(
            code="PHONE_REUSED",
            family=Family.PHONE,
            weight=limits.phone_reused_weight,
            message=_("The phone number is used by %(count)d other poster(s).")
            % {"count": len(posters)},
            evidence={
                "listings": [
                    {"property_id": str(other.id), "matched_on": ["phone"]} for other in sharing
                ]
            },
        )
    ]
