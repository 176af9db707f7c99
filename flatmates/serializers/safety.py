"""What the API reads and answers about blocks and reports. Nothing of what moderation thinks of it."""

from typing import Any

from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from moderation.models import Block, Report
from moderation.policies import is_undecided
from moderation.states import ReportReason


class BlockInput(StrictSerializer):
    user_id = serializers.UUIDField()


class ReportInput(StrictSerializer):
    reported_user_id = serializers.UUIDField()
    reason = serializers.ChoiceField(ReportReason.choices)
    conversation_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    property_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class BlockedPersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    full_name = serializers.CharField(help_text="First name and an initial.")
    avatar_url = serializers.CharField(
        allow_null=True, help_text="Always empty: a block hides pictures, too."
    )


class BlockSerializer(serializers.Serializer):
    user = BlockedPersonSerializer()
    created_at = serializers.DateTimeField()


class ReportSerializer(serializers.Serializer):
    """One's own report; what came of it is told in a notification."""

    id = serializers.UUIDField()
    reported_user_id = serializers.UUIDField()
    property_id = serializers.UUIDField(allow_null=True)
    reason = serializers.ChoiceField(ReportReason.choices)
    status = serializers.ChoiceField(["open", "closed"])
    created_at = serializers.DateTimeField()


def block_answer(block: Block) -> dict[str, Any]:
    person = block.blocked
    return {
        "user": {"id": person.pk, "full_name": person.public_name, "avatar_url": None},
        "created_at": block.created_at,
    }


def report_answer(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk,
        "reported_user_id": report.reported_id,
        "property_id": report.listing_id,
        "reason": report.reason,
        "status": "open" if is_undecided(report) else "closed",
        "created_at": report.created_at,
    }
