"""What the check and the review hold about people, for the registry in ghar.accounts.personal."""

from typing import Any

from django.db.models import Q

from ghar.accounts.models import User
from ghar.accounts.personal import (
    DELETE,
    NOT_PERSONAL,
    delete_after,
    keep,
    pseudonymise,
    register,
    register_exporter,
)
from ghar.lib import rls
from moderation.models import (
    Appeal,
    Attendance,
    Block,
    Decision,
    Dispute,
    Evidence,
    Report,
    RiskScore,
    Sanction,
)

_STAFF = keep("who of the staff decided; emptied when that account goes")

register(
    "moderation.Fingerprint",
    owner_id=DELETE,
    phone_hash=DELETE,
    address_norm=DELETE,
    title_norm=DELETE,
    geo_cell=DELETE,
    photo_hashes=DELETE,
    norm_fields=DELETE,
    fingerprint_hash=DELETE,
    price_bucket=NOT_PERSONAL,
)
register(
    "moderation.RiskScore",
    owner_id=DELETE,
    risk_level=NOT_PERSONAL,
    status=NOT_PERSONAL,
    reasons=DELETE,
    similar_listings=DELETE,
    summary=DELETE,
)
register("moderation.PhotoHash", owner_id=DELETE, phash=DELETE, ph256=DELETE)
register("moderation.ListingCheck", reason_codes=NOT_PERSONAL, last_error=NOT_PERSONAL)
register(
    "moderation.Case",
    person=DELETE,
    reasons=NOT_PERSONAL,
    claimed_by=_STAFF,
    escalated_by=_STAFF,
)
register(
    "moderation.Decision",
    reason_codes=NOT_PERSONAL,
    previous_status=NOT_PERSONAL,
    note=DELETE,
    message=DELETE,
    decided_by=_STAFF,
)
register("moderation.Appeal", message=DELETE, decided_by=_STAFF)
register(
    "moderation.Attendance",
    person=DELETE,
    subject_type=NOT_PERSONAL,
    subject_id=DELETE,
    presence=delete_after(365),
    ruling=delete_after(365),
)
register(
    "moderation.Dispute",
    author=pseudonymise("emptied when that account goes; the words stay for a year"),
    author_session=pseudonymise("the same"),
    kind=NOT_PERSONAL,
    message=delete_after(365),
    decided_by=_STAFF,
)
register("moderation.Block", blocker=DELETE, blocked=DELETE)
register(
    "moderation.Report",
    reporter=pseudonymise("emptied when that account goes; the words stay with the report"),
    reported=DELETE,
    conversation_id=DELETE,
    reason=NOT_PERSONAL,
    notes=DELETE,
    evidence=delete_after(180),
    content_mark=NOT_PERSONAL,
    links=DELETE,
    action=NOT_PERSONAL,
    staff_note=DELETE,
    decided_by=_STAFF,
)
register(
    "moderation.Sanction",
    person=DELETE,
    message=DELETE,
    note=DELETE,
    made_by=_STAFF,
    confirmed_by=_STAFF,
    lifted_by=_STAFF,
)
register("moderation.AllowPair", made_by=_STAFF)


def export_reviews(user: User) -> dict[str, Any]:
    """What was asked of the user and answered; not what it was compared with."""
    with rls.acting_as(rls.WORKER):
        points = list(RiskScore.objects.filter(owner_id=user.pk).values("listing_id", "summary"))
    decided = Decision.objects.standing().filter(listing__owner=user)
    appeals = Appeal.objects.filter(Q(listing__owner=user) | Q(sanction__person=user))
    sanctions = Sanction.objects.filter(person=user)
    evidence = Evidence.objects.filter(listing__owner=user)
    return {
        "points": points,
        "decisions": list(decided.values("listing_id", "verdict", "message", "decided_at")),
        "appeals": list(appeals.values("listing_id", "message", "status", "created_at")),
        "sanctions": list(sanctions.values("kind", "message", "made_at", "lifted_at")),
        "evidence": list(evidence.values("listing_id", "upload_id", "created_at")),
        "attendance": list(
            Attendance.objects.filter(person=user).values(
                *("subject_type", "subject_id", "presence", "ruling", "happened_at", "is_disputed")
            )
        ),
        # One's own words; what others say is theirs.
        "disputes": list(
            Dispute.objects.by(user).values(
                *("attendance__subject_type", "attendance__subject_id", "kind", "message"),
                *("is_upheld", "created_at"),
            )
        ),
    }


register_exporter("reviews", export_reviews)


def export_reports(user: User) -> dict[str, Any]:
    """What the user said of others. What others said of the user would give them away."""
    reports, blocks = Report.objects.filter(reporter=user), Block.objects.made_by(user)
    told = ("reported_id", "listing_id", "reason", "notes", "status", "created_at")
    return {
        "reports": list(reports.values(*told)),
        "blocks": list(blocks.values("blocked_id", "created_at")),
    }


register_exporter("reports", export_reports)
