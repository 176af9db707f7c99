"""What the API reads and answers. What staff read and what a poster reads never share a class."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from ghar.lib import clock
from ghar.properties.states import ListingStatus
from moderation import policies
from moderation.models import Appeal, Case, Report
from moderation.rules.checklist import MESSAGES
from moderation.services.summary import UNCHECKED
from moderation.states import (
    CaseKind,
    DisputeKind,
    ReasonCode,
    ReportAction,
    ReportReason,
    ReportStatus,
    RiskLevel,
    RiskStatus,
    Verdict,
)


# --- what a poster reads and writes
class ChecklistItemSerializer(serializers.Serializer):
    code = serializers.ChoiceField(sorted(MESSAGES))
    message = serializers.CharField()
    field = serializers.CharField()
    satisfied = serializers.BooleanField()


class SummarySerializer(serializers.Serializer):
    status = serializers.ChoiceField([*RiskStatus.values, UNCHECKED])
    headline = serializers.CharField()
    checklist = ChecklistItemSerializer(many=True)
    can_appeal = serializers.BooleanField()
    next_step = serializers.CharField()


class SuspensionAppealInput(StrictSerializer):
    message = serializers.CharField(max_length=2000)


class AppealInput(SuspensionAppealInput):
    upload_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=10, required=False, default=list
    )


class AppealSerializer(serializers.ModelSerializer):
    property_id = serializers.UUIDField(source="listing_id")

    class Meta:
        model = Appeal
        fields = ("id", "property_id", "message", "status", "created_at", "decided_at")


class SuspensionAppealSerializer(serializers.ModelSerializer):
    class Meta:
        model = Appeal
        fields = ("id", "message", "status", "created_at", "decided_at")


# --- what staff read and write
class PersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField()


class QueueSerializer(serializers.ModelSerializer):
    """What it is about: a listing, or else a person."""

    property_id = serializers.UUIDField(source="listing_id", allow_null=True)
    person = PersonSerializer(allow_null=True)
    reasons = serializers.ListField(
        child=serializers.ChoiceField([*ReasonCode.values, *ReportReason.values])
    )
    age_seconds = serializers.SerializerMethodField()
    claimed_by = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            *("id", "kind", "status", "property_id", "person", "risk_score", "reasons"),
            *("age_seconds", "is_target_paused"),
            *("due_at", "claimed_by", "claimed_until", "version"),
        )

    def get_age_seconds(self, case: Case) -> int:
        return int((clock.now() - case.created_at).total_seconds())

    def get_claimed_by(self, case: Case) -> str | None:
        """The reviewer who holds it now."""
        return str(case.claimed_by_id) if case.is_claimed_at(clock.now()) else None


class QueueFilters(serializers.Serializer):
    kind = serializers.ChoiceField(CaseKind.choices, required=False)


# To allow has a route and a tool of its own: the override.
_LISTING_VERDICTS: Final = [v for v in policies.LISTING_VERDICTS if v != Verdict.ALLOW]


class DecideInput(StrictSerializer):
    """`message` is what the poster or the person reads; without it the kind words of the reasons."""

    decision = serializers.ChoiceField(
        [*map(str, (*_LISTING_VERDICTS, *policies.APPEAL_VERDICTS, *ReportAction))]
    )
    reason_codes = serializers.ListField(
        child=serializers.ChoiceField(ReasonCode.choices),
        max_length=len(ReasonCode),
        required=False,
        default=list,
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    message = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class DecidedSerializer(QueueSerializer):
    final_status = serializers.ChoiceField(
        ListingStatus.choices, source="listing.status", read_only=True, allow_null=True
    )

    class Meta(QueueSerializer.Meta):
        fields = (*QueueSerializer.Meta.fields, "final_status")


class ReasonSerializer(serializers.Serializer):
    code = serializers.ChoiceField(ReasonCode.choices)
    weight = serializers.IntegerField()
    message = serializers.CharField()
    evidence = serializers.DictField()


class SimilarListingSerializer(serializers.Serializer):
    property_id = serializers.UUIDField()
    url = serializers.CharField()
    matched_on = serializers.ListField(child=serializers.CharField())
    distance = serializers.IntegerField(required=False)


class FingerprintSerializer(serializers.Serializer):
    fingerprint_hash = serializers.CharField()
    photo_hashes = serializers.ListField(child=serializers.CharField())
    geo_cell = serializers.CharField(allow_null=True)
    norm_fields = serializers.DictField()
    version = serializers.IntegerField()


class PastScoreSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    version = serializers.IntegerField()
    risk_score = serializers.IntegerField()
    status = serializers.ChoiceField(RiskStatus.choices)
    reasons = serializers.ListField(child=serializers.CharField())


class RiskSerializer(serializers.Serializer):
    property_id = serializers.UUIDField()
    risk_score = serializers.IntegerField()
    risk_level = serializers.ChoiceField(RiskLevel.choices)
    status = serializers.ChoiceField(RiskStatus.choices)
    reasons = ReasonSerializer(many=True)
    similar_listings = SimilarListingSerializer(many=True)
    fingerprint = FingerprintSerializer(allow_null=True)
    history = PastScoreSerializer(many=True)
    version = serializers.IntegerField(help_text=_("of its case, for override"))
    content_version = serializers.IntegerField()


class OverrideInput(StrictSerializer):
    decision = serializers.ChoiceField(["allow", "hold", "reject"])
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True, default=None
    )


class OverriddenSerializer(serializers.Serializer):
    final_status = serializers.ChoiceField(ListingStatus.choices)


class ReviewFilters(serializers.Serializer):
    status = serializers.ChoiceField(ListingStatus.choices, required=False)


class ReviewInput(StrictSerializer):
    action = serializers.ChoiceField(
        [str(v) for v in (Verdict.APPROVE, Verdict.REJECT, Verdict.REQUEST_EDIT)]
    )
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ReportReviewSerializer(serializers.ModelSerializer):
    """The evidence is not here: it is opened in the console by whoever holds the case."""

    reporter = PersonSerializer(allow_null=True)
    reported = PersonSerializer()
    property_id = serializers.UUIDField(source="listing_id", allow_null=True)
    decided_by = PersonSerializer(allow_null=True)

    class Meta:
        model = Report
        fields = (
            *("id", "status", "reason", "notes", "reporter", "reported", "property_id"),
            *("conversation_id", "action", "staff_note", "decided_by", "decided_at", "created_at"),
        )


class ReportFilters(serializers.Serializer):
    status = serializers.ChoiceField(ReportStatus.choices, required=False)


class ReportReviewInput(StrictSerializer):
    """`notes` stay among staff."""

    action = serializers.ChoiceField(ReportAction.choices)
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class FlagSerializer(serializers.Serializer):
    code = serializers.ChoiceField(ReasonCode.choices)
    severity = serializers.ChoiceField(["high", "warning"])
    message = serializers.CharField()
    evidence = serializers.DictField()


class PrescreenSerializer(serializers.Serializer):
    flags = FlagSerializer(many=True)
    decision = serializers.ChoiceField(ListingStatus.choices)
    checklist = ChecklistItemSerializer(many=True)


class DisputeInput(StrictSerializer):
    message = serializers.CharField(max_length=1000)
    kind = serializers.ChoiceField(DisputeKind.choices, default=DisputeKind.RECORD)
