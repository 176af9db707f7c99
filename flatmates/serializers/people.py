"""What the API reads and answers about people. Peers and owners have answers of their own."""

from typing import Any, Final

from django.db.models import prefetch_related_objects
from django.urls import reverse
from rest_framework import serializers

from flatmates.models import Profile, ProfileView
from flatmates.models.profiles import with_uploads
from flatmates.policies.people import allowed_actions
from flatmates.rules.age import age_bucket
from flatmates.rules.compatibility import Compatibility, Dimension, compare
from flatmates.rules.completeness import Missing, completeness, missing_to_publish
from flatmates.rules.flags import in_kind_words
from flatmates.states import ProfileStatus, ViewSource
from ghar.api.serializers import StrictModelSerializer, StrictSerializer

LIFESTYLE: Final = (
    *("sleep_schedule", "cleanliness", "food_habits", "smoking", "drinking", "guests_policy"),
    *("work_style", "pets"),
)
# What everybody who may see the person reads.
PEER_FACTS: Final = (
    *("mode", "bio", "gender", "profession", "city", "locality", "budget_min", "budget_max"),
    *("currency", "move_in_timeline", "move_in_date", *LIFESTYLE, "gender_preference"),
    *("non_negotiables", "vibe_tags"),
)
# What stays with the person.
PRIVATE_FACTS: Final = (
    *("age", "native_place", "linkedin_url", "strict_non_negotiables", "onboarding_completed"),
)
NUMBERS: Final = ("age", "budget_min", "budget_max", "move_in_date")


# --- Bodies -----------------------------------------------------------------------------------------
class ProfileChange(StrictModelSerializer):
    """What a person says of himself; what is left out stays, "" clears, as null does a number."""

    avatar_upload_id = serializers.UUIDField(required=False)

    class Meta:
        model = Profile
        fields = (*PEER_FACTS, *PRIVATE_FACTS, "avatar_upload_id")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, partial=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            cleared = {name: None for name in NUMBERS if data.get(name) == ""}
            data = data | cleared
        return super().to_internal_value(data)


class ViewInput(StrictSerializer):
    viewed_user_id = serializers.UUIDField()
    duration_seconds = serializers.IntegerField(min_value=0, max_value=3600)
    scroll_percent = serializers.IntegerField(min_value=0, max_value=100)
    source = serializers.ChoiceField(ViewSource.choices)  # type: ignore[assignment]


# --- Answers ----------------------------------------------------------------------------------------
class PhotoSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class PeerSerializer(serializers.ModelSerializer):
    """Somebody as others may read them; `peer_card` makes it."""

    user_id = serializers.UUIDField()
    full_name = serializers.CharField(help_text="First name and an initial.")
    avatar_url = serializers.CharField(allow_null=True)
    photos = PhotoSerializer(many=True)
    age_bucket = serializers.CharField()
    overall_percentage = serializers.IntegerField(allow_null=True)
    color = serializers.ChoiceField(["green", "amber", "red"], allow_null=True)
    is_match = serializers.BooleanField()

    class Meta:
        model = Profile
        fields = (
            *("user_id", "full_name", "avatar_url", "photos", "age_bucket", *PEER_FACTS),
            *("overall_percentage", "color", "is_match", "last_active_at"),
        )


class MissingSerializer(serializers.Serializer):
    field = serializers.CharField()
    reason = serializers.CharField()
    url = serializers.CharField()


class CompletenessSerializer(serializers.Serializer):
    percent = serializers.IntegerField()
    missing = MissingSerializer(many=True)


class OwnProfileSerializer(serializers.ModelSerializer):
    """One's own profile; `own_profile` makes it."""

    user_id = serializers.UUIDField()
    full_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    photos = PhotoSerializer(many=True)
    age_bucket = serializers.CharField()
    profile_status = serializers.ChoiceField(ProfileStatus.choices)
    status_label = serializers.CharField()
    pause_reason = serializers.CharField()
    flags = serializers.ListField(child=serializers.CharField(), help_text="In kind words.")
    missing = serializers.ListField(child=serializers.CharField())
    completeness = CompletenessSerializer()
    allowed_actions = serializers.ListField(child=serializers.CharField())
    seen_by = serializers.IntegerField(help_text="People who read it in the last seven days.")

    class Meta:
        model = Profile
        fields = (
            *("user_id", "full_name", "avatar_url", "photos", "age_bucket", *PEER_FACTS),
            *PRIVATE_FACTS,
            *("status", "profile_status", "status_label", "pause_reason", "flags", "review_note"),
            *("missing", "completeness", "allowed_actions", "seen_by"),
            *("created_at", "updated_at"),
        )


class DimensionSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    weight = serializers.FloatField()
    mine = serializers.CharField(allow_null=True)
    theirs = serializers.CharField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    summary = serializers.CharField()


class CompatibilitySerializer(serializers.Serializer):
    overall_percentage = serializers.IntegerField(allow_null=True)
    color = serializers.ChoiceField(["green", "amber", "red"], allow_null=True)
    is_match = serializers.BooleanField()
    coverage = serializers.CharField()
    dimensions = DimensionSerializer(many=True)
    summary = serializers.ListField(child=serializers.CharField())
    sharpen = serializers.ListField(
        child=serializers.CharField(), help_text="Fields whose answer would make the score surer."
    )


class CatalogSerializer(serializers.Serializer):
    key = serializers.CharField()
    version = serializers.IntegerField()
    payload = serializers.ListField(child=serializers.DictField())


class RealtimeSerializer(serializers.Serializer):
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())


class BootstrapSerializer(serializers.Serializer):
    profile = OwnProfileSerializer()
    catalogs = CatalogSerializer(many=True)
    active_listing_count = serializers.IntegerField()
    conversation_count = serializers.IntegerField()
    unread_message_count = serializers.IntegerField()
    realtime = RealtimeSerializer()


class ViewSerializer(serializers.ModelSerializer):
    viewed_user_id = serializers.UUIDField(source="viewed_id")

    class Meta:
        model = ProfileView
        fields = ("viewed_user_id", "duration_seconds", "scroll_percent", "source", "created_at")


def peer_card(profile: Profile, *, viewer_profile: Profile) -> dict[str, Any]:
    """What one person may read of another, whose row comes from `for_cards`."""
    fit = compare(viewer_profile, profile)
    return {
        **_face(profile),
        **{name: getattr(profile, name) for name in PEER_FACTS},
        "overall_percentage": fit.overall,
        "color": fit.color,
        "is_match": fit.is_match,
        "last_active_at": profile.last_active_at,
    }


def own_profile(profile: Profile, *, seen_by: int) -> dict[str, Any]:
    prefetch_related_objects([profile], with_uploads())
    whole = completeness(profile, has_photo=bool(profile.photos.all()))
    named = (*PEER_FACTS, *PRIVATE_FACTS, "status", "review_note", "created_at", "updated_at")
    return {
        **_face(profile),
        **{name: getattr(profile, name) for name in named},
        "full_name": profile.user.full_name,
        "profile_status": profile.status,
        "status_label": profile.get_status_display(),
        "pause_reason": profile.get_pause_reason_display(),
        "flags": in_kind_words(profile.flags),
        "missing": [missing.field for missing in missing_to_publish(profile)],
        "completeness": {
            "percent": whole.percent,
            "missing": [missing_answer(missing) for missing in whole.missing],
        },
        "allowed_actions": allowed_actions(profile, profile.user),
        "seen_by": seen_by,
    }


def missing_answer(missing: Missing) -> dict[str, Any]:
    url = reverse("flatmates:welcome", args=[missing.step])
    return {"field": missing.field, "reason": str(missing.reason), "url": url}


def compatibility_answer(fit: Compatibility) -> dict[str, Any]:
    return {
        "overall_percentage": fit.overall,
        "color": fit.color,
        "is_match": fit.is_match,
        "coverage": fit.coverage,
        "dimensions": [_dimension(dimension) for dimension in fit.dimensions],
        "summary": fit.summary,
        "sharpen": [question.field for question in fit.sharpen],
    }


def _dimension(dimension: Dimension) -> dict[str, Any]:
    return {
        "name": dimension.name,
        "label": str(dimension.question.label),
        "weight": dimension.weight,
        "mine": dimension.mine or None,
        "theirs": dimension.theirs or None,
        "score": dimension.score,
        "points": dimension.points,
        "summary": dimension.summary,
    }


def _face(profile: Profile) -> dict[str, Any]:
    return {
        "user_id": profile.user_id,
        "full_name": profile.user.public_name,
        "avatar_url": profile.user.avatar_url,
        "photos": [
            {
                "id": photo.upload_id,
                "url": photo.url("large"),
                "width": photo.upload.width,
                "height": photo.upload.height,
            }
            for photo in profile.shown_photos
        ],
        "age_bucket": age_bucket(profile.age),
    }
