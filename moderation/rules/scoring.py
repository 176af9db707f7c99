"""From reasons to one score, level and status."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from moderation.rules.facts import Reason
from moderation.rules.limits import DetectionSettings

# Level to the seed's status; review_required and hold both wait for a person.
_STATUS: Final = {"low": "ok", "medium": "review_required", "high": "hold"}


@dataclass(frozen=True)
class Assessment:
    """`reasons` heaviest first; `level` low, medium, high; `status` ok, review_required, hold."""

    score: int
    level: str
    status: str
    reasons: tuple[Reason, ...]

    @property
    def needs_review(self) -> bool:
        return self.status != "ok"

    @property
    def similar_listings(self) -> list[dict[str, Any]]:
        return similar_listings(self.reasons)


def assess(reasons: Iterable[Reason], limits: DetectionSettings) -> Assessment:
    """Noisy-or over the families: each is evidence of its own and counts with its heaviest reason."""
    ordered = tuple(sorted(reasons, key=lambda reason: (-reason.weight, reason.code)))
    heaviest: dict[str, int] = {}
    for reason in ordered:
        heaviest.setdefault(reason.family, reason.weight)
    doubt = prod(1 - min(weight, 100) / 100 for weight in heaviest.values())
    score = round(100 * (1 - doubt))
    level = level_of(score, limits)
    return Assessment(score, level, _STATUS[level], ordered)


def severity_of(reason: Reason, limits: DetectionSettings) -> str:
    """high: it alone keeps a listing back; warning: for the moderator to know; hint: neutral."""
    if not reason.weight:
        return "hint"
    return "warning" if level_of(reason.weight, limits) == "low" else "high"


def similar_listings(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Each listing that a reason points at, once: {property_id, matched_on[], distance?}."""
    found: dict[str, dict[str, Any]] = {}
    for reason in reasons:
        for row in reason.evidence.get("listings", ()):
            entry = found.setdefault(
                row["property_id"], {"property_id": row["property_id"], "matched_on": []}
            )
            entry["matched_on"] = list(dict.fromkeys([*entry["matched_on"], *row["matched_on"]]))
            if "distance" in row:
                entry["distance"] = min(row["distance"], entry.get("distance", row["distance"]))
    return list(found.values())


def level_of(score: int, limits: DetectionSettings) -> str:
    if score >= limits.high_from:
        return "high"
    return "medium" if score >= limits.medium_from else "low"
