"""What the checks hold about people, for the registry in ghar.accounts.personal."""

from typing import Any

from ghar.accounts.models import User
from ghar.accounts.personal import DELETE, NOT_PERSONAL, register, register_exporter
from ghar.lib import rls
from moderation.models import Appeal, Decision, RiskScore

register(
    "moderation.Fingerprint",
    owner_id=DELETE,
    fingerprint_hash=DELETE,
    phone_hash=DELETE,
    address_norm=DELETE,
    title_norm=DELETE,
    price_bucket=DELETE,
    geo_cell=DELETE,
    photo_hashes=DELETE,
    norm_fields=DELETE,
)
register(
    "moderation.RiskScore",
    owner_id=DELETE,
    reasons=DELETE,
    similar_listings=DELETE,
    summary=DELETE,
)
register("moderation.PhotoHash", owner_id=DELETE, phash=DELETE, ph256=DELETE)
register("moderation.ListingCheck", reason_codes=DELETE, last_error=NOT_PERSONAL)
register("moderation.Case", reasons=DELETE, claimed_by=DELETE)
register(
    "moderation.Decision",
    reason_codes=DELETE,
    note=DELETE,
    message=DELETE,
    previous_status=NOT_PERSONAL,
    decided_by=DELETE,
)
register("moderation.Appeal", message=DELETE, decided_by=DELETE)
register("moderation.AllowPair", made_by=DELETE)


def export_checks(user: User) -> dict[str, Any]:
    """What the owner may read: never a score, a hash or somebody else's listing."""
    with rls.acting_as(rls.WORKER):
        summaries = RiskScore.objects.filter(owner_id=user.pk)
        return {
            "checklists": list(summaries.values("listing_id", "summary", "created_at")),
            "decisions": list(
                Decision.objects.filter(listing__owner=user).values(
                    "listing_id", "verdict", "reason_codes", "message", "decided_at"
                )
            ),
            "appeals": list(
                Appeal.objects.filter(listing__owner=user).values(
                    "listing_id", "message", "status", "created_at"
                )
            ),
        }


register_exporter("moderation", export_checks)
