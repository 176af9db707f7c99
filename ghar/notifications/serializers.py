from typing import Any

import orjson
from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from ghar.notifications.models import Channel, Device, Notification, Purpose

TOKEN_MAX = Device._meta.get_field("token").max_length or 0


class NotificationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Notification
        fields = ("id", "type", "title", "body", "is_read", "route", "created_at")
        read_only_fields = fields


class ReadSerializer(StrictSerializer):
    is_read = serializers.BooleanField()


class ReadCountSerializer(serializers.Serializer):
    read = serializers.IntegerField()


class PurposesSerializer(StrictSerializer):
    """{purpose: bool}; what is left out stays as it is."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {purpose.value: serializers.BooleanField(required=False) for purpose in Purpose}


class ChannelsSerializer(StrictSerializer):
    """{channel: {purpose: bool}}."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {channel.value: PurposesSerializer(required=False) for channel in Channel}


class DeviceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Device
        fields = ("id", "platform", "created_at")
        read_only_fields = fields


class NewDeviceSerializer(StrictSerializer):
    """A `token` for apps, a `subscription` (as the browser gives it) for the web."""

    platform = serializers.ChoiceField(Device.Platform.choices)
    token = serializers.CharField(max_length=TOKEN_MAX, required=False)
    subscription = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = "subscription" if attrs["platform"] == Device.Platform.WEB else "token"
        if set(attrs) != {"platform", wanted}:
            raise serializers.ValidationError({wanted: ["This platform is addressed by it alone."]})
        token = attrs[wanted]
        if not isinstance(token, str):
            token = _as_text(token)
        # In bytes: the index over it takes no more.
        if len(token.encode()) > TOKEN_MAX:
            raise serializers.ValidationError({wanted: ["too long"]})
        return {"platform": attrs["platform"], "token": token}


def _as_text(subscription: dict[str, Any]) -> str:
    try:
        return orjson.dumps(subscription, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:  # nested deeper than any browser's
        raise serializers.ValidationError({"subscription": ["too deep"]}) from error
