"""Somebody's page, and the files of their photos."""

from decimal import Decimal
from typing import Any, Final
import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from flatmates.models import Match, Profile, ProfilePhoto
from flatmates.rules.age import age_bucket
from flatmates.rules.catalogs import CATALOGS
from flatmates.rules.compatibility import compare
from flatmates.serializers.people import LIFESTYLE
from flatmates.services.profiles import profile_or_blank
from flatmates.states import DealBreaker
from ghar.lib.formats import format_money
from ghar.lib.guards import PageRequest, login_required
from ghar.lib.money import to_minor
from ghar.properties.views.public import picture_response

EN_DASH: Final = "\u2013"


@login_required
@require_safe
def person(request: PageRequest, user_id: uuid.UUID) -> HttpResponse:
    """One person, with what fits between the two of you and why."""
    visible = Profile.objects.visible_to(request.user).for_cards()
    profile = get_object_or_404(visible, user_id=user_id)
    mine = profile_or_blank(request.user)
    context = person_context(profile, mine) | {
        "match": Match.objects.between(mine.user_id, profile.user_id).active().first(),
        "next": request.GET.get("next", ""),
    }
    return render(request, "flatmates/person.html", context)


def person_context(profile: Profile, mine: Profile) -> dict[str, Any]:
    fit = compare(mine, profile)
    vibes = {entry["value"]: entry["label"] for entry in CATALOGS["vibe_tags"]()}
    return {
        "profile": profile,
        "is_own": profile.user_id == mine.user_id,
        "age_bucket": age_bucket(profile.age),
        "fit": fit,
        "life_url": reverse("flatmates:welcome", args=["life"]),
        "facts": [fact for name in LIFESTYLE if (fact := _fact(profile, name))["value"]],
        "badges": _badges(profile),
        "budget": _budget(profile),
        "vibes": [vibes.get(tag, tag) for tag in profile.vibe_tags],
        "deal_breakers": [DealBreaker(code).label for code in profile.non_negotiables],
    }


@require_safe
def photo(request: PageRequest, upload_id: uuid.UUID, size: str) -> HttpResponse:
    """For whoever may see the person; the face of a host for everybody."""
    shown = ProfilePhoto.objects.shown_to(request.caller).select_related("upload")
    found = get_object_or_404(shown, upload_id=upload_id)
    return picture_response(found.upload, size, cache="private, no-store")


def _fact(profile: Profile, name: str) -> dict[str, Any]:
    column: Any = Profile._meta.get_field(name)
    return {"label": column.verbose_name, "value": getattr(profile, f"get_{name}_display")()}


def _badges(profile: Profile) -> list[Any]:
    """What we know to be true of the person."""
    person = profile.user
    proved = {
        _("Phone verified"): person.phone_verified,
        _("E-mail verified"): person.email_verified,
    }
    return [badge for badge, is_proved in proved.items() if is_proved]


def _budget(profile: Profile) -> str:
    """The row holds whole rupees and francs a month."""
    ends = [amount for amount in (profile.budget_min, profile.budget_max) if amount is not None]
    if not profile.currency:
        return ""
    minor = (to_minor(Decimal(amount), profile.currency) for amount in dict.fromkeys(ends))
    return f" {EN_DASH} ".join(format_money(amount, profile.currency) for amount in minor)
