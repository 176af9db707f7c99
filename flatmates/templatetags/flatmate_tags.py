from typing import Any

from django import template

from flatmates.models import ProfilePhoto
from flatmates.policies.people import allowed_actions
from flatmates.rules.age import age_bucket
from flatmates.rules.completeness import STEPS, completeness
from flatmates.rules.flags import in_kind_words
from flatmates.services.profile_views import seen_by
from flatmates.services.profiles import profile_or_blank
from ghar.lib import clock

register = template.Library()


@register.filter
def picture(photo: ProfilePhoto, size: str) -> str:
    return photo.url(size)


@register.inclusion_tag("flatmates/_me.html")
def my_profile(user: Any) -> dict[str, Any]:
    """The reader's profile on the page of the account, which stands below flatmates."""
    profile, now = profile_or_blank(user), clock.now()
    return {
        "profile": profile,
        "is_begun": not profile._state.adding,
        "age_bucket": age_bucket(profile.age),
        "whole": completeness(profile, has_photo=profile.photos.exists()),
        "flags": in_kind_words(profile.flags),
        "actions": allowed_actions(profile, user),
        "why_hidden": profile.get_pause_reason_display(),
        "seen_by": seen_by(user, now=now),
        "needs_new_day": profile.is_paused and profile.is_move_in_over(now),
        "steps": [(step, label) for step, (_title, label) in STEPS.items()],
    }
