"""What the API reads and answers. What staff read and what a poster reads never share a class."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from ghar.lib import clock
from ghar.properties.models import Property
from ghar.properties.states import ListingStatus
from moderation import policies
from moderation.models import Appeal, Case
from moderation.rules.checklist import MESSAGES
from moderation.services.summary import UNCHECKED
from moderation.states import CaseKind, ReasonCode, RiskLevel, RiskStatus, Verdict


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


class AppealInput(StrictSerializer):
    message = serializers.CharField(max_length=2000)
    upload_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=10, required=False, default=list
    )


class AppealSerializer(serializers.ModelSerializer):
    property_id = serializers.UUIDField(source="listing_id")

    class Meta:
        model = Appeal
        fields = ("id", "property_id", "message", "status", "created_at", "decided_at")


# --- what staff read and write
class QueueSerializer(serializers.ModelSerializer):
    property_id = serializers.UUIDField(source="listing_id")
    age_seconds = serializers.SerializerMethodField()
    claimed_by = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            *("id", "kind", "status", "property_id", "risk_score", "reasons", "age_seconds"),
            *("due_at", "claimed_by", "claimed_until", "version"),
        )

    def get_age_seconds(self, case: Case) -> int:
        return int((clock.now() - case.created_at).total_seconds())

    def get_claimed_by(self, case: Case) -> str | None:
        """The reviewer who holds it now."""
        return str(case.claimed_by_id) if case.is_claimed_at(clock.now()) else None


class QueueFilters(serializers.Serializer):
    kind = serializers.ChoiceField(CaseKind.choices, required=False)


class DecideInput(StrictSerializer):
    """`message` is what the poster reads; without it the words that belong to the reason codes."""

    decision = serializers.ChoiceField(
        [str(v) for v in (*policies.LISTING_VERDICTS, *policies.APPEAL_VERDICTS)]
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
    final_status = serializers.ChoiceField(ListingStatus.choices, source="listing.status")

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


class QueuedSerializer(serializers.Serializer):
    property_id = serializers.UUIDField()
    status = serializers.ChoiceField(ListingStatus.choices)


def queued(listing: Property) -> dict[str, Any]:
    return {"property_id": listing.pk, "status": listing.status}
