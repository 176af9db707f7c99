"""What flatmates hold about people, for the registry in ghar.accounts.personal."""

from typing import Any

from flatmates.models import (
    Match,
    Message,
    Participant,
    Profile,
    ProfileView,
    QnaAnswer,
    SocietyTagVote,
    Swipe,
)
from ghar.accounts.models import User
from ghar.accounts.personal import (
    DELETE,
    NOT_PERSONAL,
    delete_after,
    pseudonymise,
    register,
    register_exporter,
)

ANSWERS = (
    "mode", "bio", "age", "gender", "profession", "native_place", "linkedin_url", "city", "locality",
    "budget_min", "budget_max", "currency", "move_in_timeline", "move_in_date", "sleep_schedule",
    "cleanliness", "food_habits", "smoking", "drinking", "guests_policy", "work_style", "pets",
    "gender_preference", "non_negotiables", "strict_non_negotiables", "vibe_tags",
)  # fmt: skip
_PEER = pseudonymise("emptied when that account goes; the other side keeps the conversation")

register(
    "flatmates.Profile",
    user=DELETE,
    **dict.fromkeys(ANSWERS, DELETE),
    cell_geohash=DELETE,
    cell_latitude=DELETE,
    cell_longitude=DELETE,
    flags=DELETE,
    review_note=DELETE,
    pause_reason=NOT_PERSONAL,
)
register("flatmates.ProfilePhoto")
register(
    "flatmates.ProfileView", viewer=delete_after(90), viewed=delete_after(90), source=NOT_PERSONAL
)
register("flatmates.Catalog", key=NOT_PERSONAL, payload=NOT_PERSONAL)
register("flatmates.Swipe", user=DELETE, target_user=DELETE, action=DELETE)
register("flatmates.Match", first=DELETE, second=DELETE)
register("flatmates.SocietyTagVote", user=DELETE, tag=NOT_PERSONAL)
register(
    "flatmates.Conversation",
    first=_PEER,
    second=_PEER,
    opened_by=_PEER,
    last_message_preview=pseudonymise("stays as words of a deleted user"),
)
register("flatmates.Participant", user=DELETE, peer=_PEER)
register(
    "flatmates.Message",
    sender=_PEER,
    body=pseudonymise("stays as words of a deleted user"),
    safety_flags=NOT_PERSONAL,
    client_msg_id=NOT_PERSONAL,
)
register("flatmates.QnaAnswer", user=DELETE, question=NOT_PERSONAL, answer=DELETE)


def export_flatmates(user: User) -> dict[str, Any]:
    """What the user said and did; of others no more than their ids."""
    swipes = Swipe.objects.by(user)
    return {
        "profile": Profile.objects.filter(user=user).values(*ANSWERS, "status").first(),
        "swipes": list(swipes.values("target_user_id", "listing_id", "action", "swiped_at")),
        "matches": list(Match.objects.of(user).values("id", "status", "matched_at")),
        "conversations": list(Participant.objects.of(user).values("conversation_id", "active_at")),
        "messages": list(
            Message.objects.filter(sender=user).values("conversation_id", "body", "created_at")
        ),
        "answers": list(QnaAnswer.objects.filter(user=user).values("question", "answer")),
        "tag_votes": list(SocietyTagVote.objects.filter(user=user).values("tag", "is_up")),
        "views": list(ProfileView.objects.filter(viewer=user).values("viewed_id", "created_at")),
    }


register_exporter("flatmates", export_flatmates)
