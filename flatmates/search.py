"""The deck: whom somebody may still swipe, by what both of them asked for; and who likes whom."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from flatmates.models import Match, Profile, Swipe
from flatmates.models.profiles import ProfileQuerySet, with_uploads
from flatmates.models.swipes import MatchQuerySet, SwipeQuerySet
from flatmates.rules.deal_breakers import broken_by, left_open_by, refused_values
from flatmates.states import LIKES, Gender, MoveIn
from ghar.accounts.models import User
from ghar.properties.models import Property
from ghar.properties.search import DEFAULT_RADIUS_KM, in_city, within
from ghar.properties.states import GenderPreference
from moderation.models import Block

ORDER: Final = ("-last_active_at", "-id")
LATEST_FIRST: Final = ("-swiped_at", "-id")
SOON: Final = frozenset({MoveIn.NOW, MoveIn.WITHIN_MONTH, MoveIn.FLEXIBLE})
# Who suits whom: the flexible suit everybody, and whoever can come at once can come within a month.
MOVE_IN_GROUPS: Final[dict[str, frozenset[str]]] = {
    MoveIn.NOW: SOON,
    MoveIn.WITHIN_MONTH: SOON,
    MoveIn.ONE_TO_THREE_MONTHS: frozenset({MoveIn.ONE_TO_THREE_MONTHS, MoveIn.FLEXIBLE}),
    MoveIn.FLEXIBLE: frozenset(MoveIn),
}
GENDER_NOT_SAID: Final = ("", Gender.UNDISCLOSED)


class Emptiness(NamedTuple):
    """Why a deck is empty: nobody_here, filtered (`hidden` people fail the filters), seen_everyone."""

    reason: str
    hidden: int


def deck_of(me: Profile, filters: Mapping[str, Any]) -> ProfileQuerySet:
    """Whom the reader has not swiped, by `filters` and the deal-breakers of both, in any order.

    Filters as in DeckFilters; money in major units of `currency`, else of the reader's own. What
    somebody has not answered passes, except a deal-breaker that is strict.
    """
    asked = {name: value for name, value in filters.items() if value not in (None, "", [])}
    return _as_asked(me, asked, others(me).filter(~_swiped_by(me)))


def why_empty(me: Profile) -> Emptiness:
    """Of a deck without anybody in it; one statement."""
    unseen = Count("id", filter=~_swiped_by(me))
    found = others(me).aggregate(everybody=Count("id"), unseen=unseen)
    if found["unseen"]:
        return Emptiness("filtered", found["unseen"])
    return Emptiness("seen_everyone" if found["everybody"] else "nobody_here", 0)


def others(me: Profile) -> ProfileQuerySet:
    """Everybody who may be seen and would not refuse the reader."""
    shown = Profile.objects.active_for(me.user_id).exclude(user=me.user_id)
    return shown.filter(
        _wants_gender_of(me),
        ~Q(non_negotiables__overlap=broken_by(me)),
        ~Q(strict_non_negotiables__overlap=[*broken_by(me), *left_open_by(me)]),
        onboarding_completed=True,
    )


def likes_received(user: User) -> SwipeQuerySet:
    """Fresh likes by people whom the reader may see and has not answered."""
    answered = Swipe.objects.filter(user=user, target_user=OuterRef("user"), spent_at=None)
    likes = Swipe.objects.likes().filter(~Exists(answered), target_user=user)
    likes = likes.select_related("user__profile").filter(_is_seen(user, "user"))
    return likes.prefetch_related(with_uploads("user__profile__photos"))


def likes_sent(user: User) -> SwipeQuerySet:
    """What the reader likes and waits for: people who have not liked back, and live listings."""
    of_person = _is_seen(user, "target_user") & ~Exists(_match_with(user))
    of_listing = Exists(Property.objects.live().filter(pk=OuterRef("listing")))
    parted = Block.objects.hide(user.pk, outer="listing__owner_id")
    likes = Swipe.objects.likes().by(user).filter(of_person | (of_listing & ~parted))
    return likes.select_related("target_user__profile", "listing")


def interest_in_listings(user: User) -> QuerySet[Property]:
    """The reader's own listings that somebody likes, each with its number of `likes`."""
    likes = Q(swipes__action__in=LIKES, swipes__spent_at=None, swipes__user__suspended_at=None)
    own = Property.objects.owned_by(user).annotate(likes=Count("swipes", filter=likes))
    return own.filter(likes__gt=0).order_by("-likes", "id").for_cards()


def _is_seen(viewer: User, column: str) -> Exists:
    return Exists(Profile.objects.visible_to(viewer).filter(user=OuterRef(column)))


def _match_with(user: User) -> MatchQuerySet:
    peer = OuterRef("target_user")
    pair = Q(first=user, second=peer) | Q(first=peer, second=user)
    return Match.objects.active().filter(pair)


def _swiped_by(me: Profile) -> Exists:
    return Exists(Swipe.objects.filter(user=me.user_id, target_user=OuterRef("user_id")))


def _wants_gender_of(me: Profile) -> Q:
    if me.gender in GENDER_NOT_SAID:
        return Q()
    return Q(gender_preference__in=["", GenderPreference.ANY, me.gender])


def _as_asked(me: Profile, asked: dict[str, Any], deck: ProfileQuerySet) -> ProfileQuerySet:
    asked = {"gender_preference": me.gender_preference, "currency": me.currency} | asked
    for name, condition in _CONDITIONS.items():
        if asked.get(name) not in (None, ""):
            deck = deck.filter(condition(asked[name]))
    if "budget_min" in asked or "budget_max" in asked:
        deck = deck.filter(currency__in=["", asked["currency"]]) if asked["currency"] else deck
    codes = [*me.non_negotiables, *asked.get("non_negotiables", [])]
    for field, values in refused_values(codes, strict=me.strict_non_negotiables).items():
        deck = deck.exclude(**{f"{field}__in": sorted(values)})
    if "lat" in asked:
        radius_km = asked.get("radius_km", DEFAULT_RADIUS_KM)
        deck = within(deck, asked["lat"], asked["lng"], radius_km * 1000)
    return deck


def _of_gender(wanted: str) -> Q:
    return Q() if wanted == GenderPreference.ANY else Q(gender__in=[*GENDER_NOT_SAID, wanted])


_CONDITIONS: Final[dict[str, Callable[[Any], Q]]] = {
    "city": in_city,
    "budget_min": lambda amount: Q(budget_max=None) | Q(budget_max__gte=amount),
    "budget_max": lambda amount: Q(budget_min=None) | Q(budget_min__lte=amount),
    "move_in": lambda when: Q(move_in_timeline__in=["", *MOVE_IN_GROUPS[when]]),
    "age_min": lambda age: Q(age=None) | Q(age__gte=age),
    "age_max": lambda age: Q(age=None) | Q(age__lte=age),
    "gender_preference": _of_gender,
}
