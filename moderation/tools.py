"""Tools about the check of a listing, for its poster and, in full, for staff."""

from typing import Any, Final
import uuid

from rest_framework import serializers

from ghar import flags
from ghar.accounts.authentication import check_recent_sign_in
from ghar.api.tools import Call, PageInput, Toolbox, ToolInput, page_of
from ghar.lib import clock
from ghar.properties.models import Property
from moderation import policies
from moderation.models import Case
from moderation.serializers import (
    AppealInput,
    AppealSerializer,
    DecidedSerializer,
    DecideInput,
    FingerprintSerializer,
    OverriddenSerializer,
    OverrideInput,
    QueueFilters,
    QueueSerializer,
    ReasonSerializer,
    SummarySerializer,
)
from moderation.services import appeals, decisions
from moderation.services.checks import prepare
from moderation.services.facts import detection_limits
from moderation.services.preview import assess_now, preview_risk
from moderation.services.summary import owner_summary
from moderation.services.verdicts import decide_any_case
from moderation.states import RiskLevel, RiskStatus

FINGERPRINT: Final = "risk.compute_listing_fingerprint"
SCORE: Final = "risk.score_listing"
QUEUE: Final = "moderation_queue"
toolbox = Toolbox()


class PropertyInput(ToolInput):
    property_id = serializers.UUIDField(help_text="Of the listing.")


class AppealTool(PropertyInput, AppealInput):
    words = {
        "message": "Why the decision is wrong, in the poster's words.",
        "upload_ids": "Evidence that was uploaded before.",
    }


class OverrideTool(PropertyInput, OverrideInput):
    words = {
        "decision": "allow: on to the review. hold: back to the poster. reject: not to be listed.",
        "notes": "Why; needed for hold and reject.",
        "version": "Of the case that you looked at: STALE_CASE if it has changed.",
    }


class QueueTool(PageInput, QueueFilters):
    words = {"kind": "Only such cases."}


class DecideTool(ToolInput, DecideInput):
    case_id = serializers.UUIDField(help_text="From moderation_queue.")
    words = {
        "decision": "A listing: approve, reject, request_edit, hold. A report: dismiss, warn_user,"
        " suspend_user, escalate. An appeal or a dispute: uphold, overturn.",
        "reason_codes": "Why, as the audit will say.",
        "note": "For the team alone.",
        "message": "What the poster or the person reads, in place of our usual words.",
        "version": "Of the case, from moderation_queue.",
    }


class FoundFingerprint(FingerprintSerializer):
    version = None  # type: ignore[assignment]


class FoundRisk(serializers.Serializer):
    risk_score = serializers.IntegerField()
    risk_level = serializers.ChoiceField(RiskLevel.choices)
    status = serializers.ChoiceField(RiskStatus.choices)
    reasons = ReasonSerializer(many=True)


# --- the poster's
@toolbox.add("properties_appeal", AppealTool, AppealSerializer, acts_as_caller=True)
def appeal(call: Call, *, property_id: uuid.UUID, **words: Any) -> dict[str, Any]:
    """Ask for a second look at a decision about your own listing; one at a time for a decision."""
    made = appeals.submit_appeal(listing=_mine(call, property_id), by=call.caller, **words)
    return AppealSerializer(made).data


@toolbox.add(FINGERPRINT, PropertyInput, SummarySerializer, acts_as_caller=True, only_reads=True)
def last_check(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """Where your own listing stands since its last check:
    {status, headline, checklist: [{code, message, field, satisfied}], can_appeal, next_step}.
    """
    return SummarySerializer(owner_summary(listing=_mine(call, property_id))).data


@toolbox.add(SCORE, PropertyInput, SummarySerializer, acts_as_caller=True, only_reads=True)
def preview(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """What the check would say of your own listing as it is now; nothing is stored or moved.

    {status, headline, checklist: [{code, message, field, satisfied}], can_appeal, next_step}.
    Call it before properties_submit, and settle the open points with properties_update.
    """
    return SummarySerializer(preview_risk(listing=_mine(call, property_id))).data


# --- the reviewers'
# Not in one transaction as the caller: a check must commit what it looks like before it searches.
@toolbox.add(
    FINGERPRINT,
    PropertyInput,
    FoundFingerprint,
    staff=True,
    is_repeatable=True,
    remembers_keys=False,
)
def compute_fingerprint(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """What a listing looks like to the check, computed and stored now:
    {fingerprint_hash, photo_hashes, geo_cell, norm_fields}.
    """
    listing = _any(call, property_id)
    made = prepare(listing_id=listing.pk, limits=detection_limits()).fingerprint
    return FoundFingerprint(made).data


@toolbox.add(SCORE, PropertyInput, FoundRisk, staff=True, is_repeatable=True, remembers_keys=False)
def score(call: Call, *, property_id: uuid.UUID) -> dict[str, Any]:
    """Check a listing now: {risk_score 0..100, risk_level, status ok | review_required | hold,
    reasons: [{code, weight, message, evidence}]}. One under review moves as the check decides,
    any other is only judged.
    """
    may_hold = flags.is_on(flags.RISK_SCORING)
    found = assess_now(listing=_any(call, property_id), may_hold=may_hold, now=clock.now())
    return {
        "risk_score": found.score,
        "risk_level": found.level,
        "status": found.status,
        "reasons": [reason.as_json() for reason in found.reasons],
    }


@toolbox.add(
    "admin.risk_override",
    OverrideTool,
    OverriddenSerializer,
    staff=True,
    acts_as_caller=True,
    destroys=True,
)
def override(call: Call, *, property_id: uuid.UUID, **ruling: Any) -> dict[str, Any]:
    """Decide whatever the score says: allow, hold or reject (these two with notes) to
    {final_status}. Needs a token made within the last 15 minutes (REAUTHENTICATION_REQUIRED).
    """
    check_recent_sign_in(call)  # type: ignore[arg-type]
    listing = decisions.override_risk(listing=_any(call, property_id), by=call.caller, **ruling)
    return {"final_status": listing.status}


@toolbox.add(
    QUEUE, QueueTool, QueueSerializer, many=True, staff=True, acts_as_caller=True, only_reads=True
)
def queue(call: Call, **wanted: Any) -> dict[str, Any]:
    """Open cases, the most urgent first: {items, next_cursor, has_more, limit}. `version` of a
    case goes with moderation_decide.
    """
    kind = {"kind": wanted["kind"]} if "kind" in wanted else {}
    found = Case.objects.queue().filter(**kind)
    return page_of(
        QUEUE, found, lambda rows: QueueSerializer(rows, many=True).data, wanted, ("due_at", "id")
    )


@toolbox.add(
    "moderation_decide",
    DecideTool,
    DecidedSerializer,
    staff=True,
    acts_as_caller=True,
    destroys=True,
)
def decide(call: Call, *, case_id: uuid.UUID, **ruling: Any) -> dict[str, Any]:
    """Decide a case: a listing approve, reject, request_edit, hold; a report dismiss, warn_user,
    suspend_user, escalate; an appeal uphold, overturn. STALE_CASE if it changed since `version`.
    To hold needs a token made within the last 15 minutes (REAUTHENTICATION_REQUIRED).
    """
    if ruling["decision"] in policies.OVERRIDES:
        check_recent_sign_in(call)  # type: ignore[arg-type]
    decide_any_case(case=_case(call, case_id), by=call.caller, **ruling)
    return DecidedSerializer(_case(call, case_id)).data


def _mine(call: Call, pk: uuid.UUID) -> Property:
    return call.get_one(Property.objects.manageable_by(call.caller), pk)


def _any(call: Call, pk: uuid.UUID) -> Property:
    return call.get_one(Property.objects.all(), pk)


def _case(call: Call, pk: uuid.UUID) -> Case:
    return call.get_one(Case.objects.select_related("listing", "person"), pk)
