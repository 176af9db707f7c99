from contextlib import suppress
from typing import Any

import orjson
from rest_framework import serializers

from ghar.api.serializers import StrictSerializer
from ghar.notifications.channels import is_public_endpoint, unb64
from ghar.notifications.models import Channel, Device, Notification, Purpose

TOKEN_MAX = Device._meta.get_field("token").max_length or 0
PUBLIC_KEY_BYTES, AUTH_BYTES = 65, 16  # a point of P-256 in full, and its secret: RFC 8291


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


class KeysSerializer(StrictSerializer):
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=40)

    def validate_p256dh(self, value: str) -> str:
        return _of_length(value, PUBLIC_KEY_BYTES)

    def validate_auth(self, value: str) -> str:
        return _of_length(value, AUTH_BYTES)


class SubscriptionSerializer(StrictSerializer):
    """As PushSubscription.toJSON() has it."""

    endpoint = serializers.CharField(max_length=TOKEN_MAX)
    expirationTime = serializers.IntegerField(required=False, allow_null=True)  # noqa: N815
    keys = KeysSerializer()

    def validate_endpoint(self, value: str) -> str:
        if not is_public_endpoint(value):
            raise serializers.ValidationError("not the https address of a push service")
        return value


class NewDeviceSerializer(StrictSerializer):
    """A `token` for apps, a `subscription` (as the browser gives it) for the web."""

    platform = serializers.ChoiceField(Device.Platform.choices)
    token = serializers.CharField(max_length=TOKEN_MAX, required=False)
    subscription = SubscriptionSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = "subscription" if attrs["platform"] == Device.Platform.WEB else "token"
        if set(attrs) != {"platform", wanted}:
            raise serializers.ValidationError({wanted: ["This platform is addressed by it alone."]})
        token = attrs[wanted]
        if not isinstance(token, str):
            token.pop("expirationTime", None)
            token = orjson.dumps(token, option=orjson.OPT_SORT_KEYS).decode()
        # In bytes: the index over it takes no more.
        if len(token.encode()) > TOKEN_MAX:
            raise serializers.ValidationError({wanted: ["too long"]})
        return {"platform": attrs["platform"], "token": token}


def _of_length(value: str, length: int) -> str:
    with suppress(ValueError):
        if len(unb64(value)) == length:
            return value
    raise serializers.ValidationError(f"not {length} bytes as base64url")
