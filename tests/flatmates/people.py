"""Swipes in one line, as tests of the deck need them."""

from typing import Any

from flatmates.models import Profile
from flatmates.services.swipes import Swiped, swipe_listing, swipe_person
from flatmates.states import SwipeAction
from ghar.accounts.models import User
from ghar.properties.models import Property
from tests.factories import LiveListingFactory, ProfileFactory


def person(**answers: Any) -> User:
    """Somebody with a visible profile."""
    return ProfileFactory(**answers).user


def like(by: User, target: User | Property, action: str = SwipeAction.LIKE) -> Swiped:
    if isinstance(target, Property):
        return swipe_listing(by=by, listing=target, action=SwipeAction(action))
    return swipe_person(by=by, target=target, action=SwipeAction(action))


def pass_on(by: User, target: User | Property) -> Swiped:
    return like(by, target, SwipeAction.PASS)


def match_of(one: User, other: User) -> Any:
    """The two like each other."""
    like(one, other)
    return like(other, one).match


def room(owner: User, **facts: Any) -> Property:
    return LiveListingFactory(
        owner=owner, property_type="flatmate", sharing_type="private_room", **facts
    )


def hide(user: User) -> None:
    Profile.objects.filter(user=user).update(status="paused")
