from typing import Any

from django.conf import settings
from rest_framework import serializers

from ghar.accounts.models import User
from ghar.accounts.services.signing import PASSWORD_MAX
from ghar.api.serializers import StrictModelSerializer, StrictSerializer


class OwnerSerializer(serializers.ModelSerializer):
    """A user as he reads himself; e-mail and phone are for nobody else."""

    class Meta:
        model = User
        fields = (
            "id",
            "full_name",
            "role",
            "email",
            "phone",
            "email_verified",
            "phone_verified",
            "timezone",
            "language",
            "created_at",
        )
        read_only_fields = fields


class ProfileSerializer(StrictModelSerializer):
    class Meta:
        model = User
        fields = ("full_name", "timezone", "language")


class IdentifierSerializer(StrictSerializer):
    identifier = serializers.CharField(max_length=254)


class CredentialsSerializer(IdentifierSerializer):
    password = serializers.CharField(max_length=PASSWORD_MAX, trim_whitespace=False)


class RegisterSerializer(CredentialsSerializer):
    full_name = serializers.CharField(max_length=User._meta.get_field("full_name").max_length)


class TokenRequestSerializer(CredentialsSerializer):
    otp = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class TokenSerializer(serializers.Serializer):
    user = OwnerSerializer()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PasswordSerializer(StrictSerializer):
    current_password = serializers.CharField(max_length=PASSWORD_MAX, trim_whitespace=False)
    new_password = serializers.CharField(max_length=PASSWORD_MAX, trim_whitespace=False)


class ResetConfirmSerializer(StrictSerializer):
    token = serializers.CharField(max_length=200)
    new_password = serializers.CharField(max_length=PASSWORD_MAX, trim_whitespace=False)


class CodeSerializer(IdentifierSerializer):
    code = serializers.CharField(max_length=10)


class OwnPasswordSerializer(StrictSerializer):
    password = serializers.CharField(max_length=PASSWORD_MAX, trim_whitespace=False)


class NewSessionSerializer(serializers.Serializer):
    session_id = serializers.UUIDField()
    session_secret = serializers.CharField()


class SessionSecretSerializer(StrictSerializer):
    session_secret = serializers.CharField(max_length=200)


class ClaimedSerializer(serializers.Serializer):
    session_id = serializers.UUIDField()


class LimitSerializer(serializers.Serializer):
    name = serializers.CharField()
    limit = serializers.IntegerField()
    seconds = serializers.IntegerField(allow_null=True)
    per = serializers.CharField()


class LimitsSerializer(serializers.Serializer):
    items = LimitSerializer(many=True)


def stated_limits() -> list[dict[str, Any]]:
    """Every limit as a client may read it; `seconds` is null where no time frees it again."""
    counted = [
        {"name": name, "limit": most, "seconds": seconds, "per": per}
        for name, (most, seconds, per) in settings.LIMITS.items()
    ]
    open_viewings = {
        "name": "open_viewing_requests",
        "limit": settings.OPEN_VIEWINGS_PER_SEEKER,
        "seconds": None,
        "per": "account",
    }
    return [*counted, open_viewings]
