"""Photos that somebody else showed first."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
import uuid

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, ListingFacts, PhotoMatch, Reason
from moderation.rules.limits import DetectionSettings


def photo_reasons(
    listing: ListingFacts,
    matches: Iterable[PhotoMatch],
    limits: DetectionSettings,
) -> list[Reason]:
    """Hold for one strong photo, or two weak ones that point at the same listing.

    A picture that many unrelated posters show (a lobby, a developer's drawing) is evidence against
    nobody, nor is one that a moderator has marked as such, whoever else shows it; the poster's own
    other listing is a hint, never an accusation.
    """
    elsewhere = [match for match in matches if match.other_listing_id != listing.id]
    marked = [match for match in elsewhere if match.is_marked_common]
    common = {match.media_id for match in marked if match.verdict == "strong"}
    by_listing: dict[uuid.UUID, list[PhotoMatch]] = defaultdict(list)
    for match in elsewhere:
        if not (match.media_id in common or _is_common(match, limits)):
            by_listing[match.other_listing_id].append(match)
    own = {k: v for k, v in by_listing.items() if v[0].other_owner_id == listing.owner_id}
    others = {
        key: first
        for key, found in by_listing.items()
        if key not in own and (first := [match for match in found if match.other_was_first])
    }
    return [*_accusation(others, limits), *_hint(own), *_common(marked)]


def _accusation(
    found: dict[uuid.UUID, list[PhotoMatch]], limits: DetectionSettings
) -> list[Reason]:
    strong = {k: v for k, v in found.items() if any(match.verdict == "strong" for match in v)}
    weak = {
        k: v
        for k, v in found.items()
        if len({match.media_id for match in v}) >= limits.weak_photos_to_hold
    }
    if not strong and not weak:
        return []
    photos = {match.media_id for matches in (strong or weak).values() for match in matches}
    return [
        Reason(
            code="PHOTO_REUSED",
            family=Family.PHOTO,
            weight=limits.photo_strong_weight if strong else limits.photo_weak_weight,
            message=_("%(count)d photo(s) were shown earlier by another poster.")
            % {"count": len(photos)},
            evidence={"listings": _listings(weak | strong), "strong": bool(strong)},
        )
    ]


def _hint(found: dict[uuid.UUID, list[PhotoMatch]]) -> list[Reason]:
    if not found:
        return []
    return [
        Reason(
            code="PHOTO_REUSED",
            family=Family.PHOTO,
            weight=0,
            message=_("Looks like another listing of the same poster."),
            evidence={"listings": _listings(found), "same_poster": True},
        )
    ]


def _common(marked: list[PhotoMatch]) -> list[Reason]:
    """Which of the photos a moderator has marked, each with the nearest that it is the same as.

    They are no `listings` of the evidence: nothing is alike because of them.
    """
    nearest: dict[uuid.UUID, PhotoMatch] = {}
    for match in sorted(marked, key=lambda match: match.distance):
        nearest.setdefault(match.media_id, match)
    if not nearest:
        return []
    return [
        Reason(
            code="PHOTO_REUSED",
            family=Family.PHOTO,
            weight=0,
            message=_("%(count)d photo(s) are marked as common and do not count.")
            % {"count": len(nearest)},
            evidence={"common": [_pair(match) for match in nearest.values()]},
        )
    ]


def _listings(found: dict[uuid.UUID, list[PhotoMatch]]) -> list[dict[str, Any]]:
    rows = [
        {
            "property_id": str(listing_id),
            "matched_on": ["photo"],
            "distance": min(match.distance for match in matches),
            "photos": [_pair(match) for match in sorted(matches, key=lambda match: match.distance)],
        }
        for listing_id, matches in found.items()
    ]
    return sorted(rows, key=lambda row: (row["distance"], row["property_id"]))


def _pair(match: PhotoMatch) -> dict[str, Any]:
    return {
        "media_id": str(match.media_id),
        "other_media_id": str(match.other_media_id),
        "distance": match.distance,
        "verdict": match.verdict,
    }


def _is_common(match: PhotoMatch, limits: DetectionSettings) -> bool:
    return match.is_marked_common or match.approved_posters >= limits.common_photo_posters
