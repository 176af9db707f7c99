from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ghar.audit.models import AuditEvent


class ActorSerializer(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class AuditEventSerializer(serializers.ModelSerializer):
    actor = serializers.SerializerMethodField()

    class Meta:
        model = AuditEvent
        fields = ("id", "at", "actor", "action", "target_type", "target_id", "channel", "data")

    @extend_schema_field(ActorSerializer)
    def get_actor(self, event: AuditEvent) -> dict[str, Any]:
        return {"kind": event.actor_kind, "id": event.actor_id, "label": event.actor_label}


class AuditFilters(serializers.Serializer):
    """`actor` and `target` are ids."""

    actor = serializers.CharField(max_length=40, required=False)
    action = serializers.CharField(max_length=60, required=False)
    target = serializers.CharField(max_length=40, required=False)
