"""Who liked whom, and what came of it."""

import datetime as dt
from typing import Any, Self
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from flatmates.states import LIKES, MatchStatus, SwipeAction
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.lib.pairs import canonical
from ghar.properties.models import Property
from moderation.models import Block
from moderation.models.fields import person_key


def context_key() -> models.ForeignKey:
    """The listing that two people found each other by."""
    return models.ForeignKey(
        Property,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        db_column="context_property_id",
    )


class SwipeQuerySet(models.QuerySet["Swipe"]):
    def by(self, user: User) -> Self:
        return self.filter(user=user)

    def likes(self) -> Self:
        """Fresh ones: what led to a match that ended counts no more."""
        return self.filter(action__in=LIKES, spent_at=None)

    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        return self.filter(Q(user=one, target_user=other) | Q(user=other, target_user=one))

    def super_likes_since(self, user: User, moment: dt.datetime) -> Self:
        """Also those that are something else by now. Never later than the swipe, which is indexed."""
        return self.by(user).filter(super_liked_at__gt=moment, swiped_at__gt=moment)

    def history_before(self, moment: dt.datetime) -> Self:
        """On which nothing hangs any more: passes, and likes whose match is over."""
        over = Q(action=SwipeAction.PASS) | Q(spent_at__isnull=False)
        return self.filter(over, swiped_at__lt=moment)


class Swipe(models.Model):
    """What somebody last said about a person or a listing; one row for each of them.

    Passes and spent likes are kept a year: then the two may come upon each other again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = person_key("swipes", db_index=False)
    target_user = person_key("+", null=True, blank=True, db_index=False)
    listing = models.ForeignKey(
        Property,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        db_column="property_id",
        related_name="swipes",
    )
    action = models.CharField(_("said"), max_length=10, choices=SwipeAction.choices)
    context_listing = context_key()
    swiped_at = models.DateTimeField(default=clock.now)
    # The last super like, which later words do not take back: a day has five of them.
    super_liked_at = models.DateTimeField(null=True, blank=True)
    # Set when the match that came of it ends: from then on it is no like any more.
    spent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SwipeQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_swipes"
        constraints = [
            models.UniqueConstraint(fields=["user", "target_user"], name="swipe_once_a_person"),
            models.UniqueConstraint(fields=["user", "listing"], name="swipe_once_a_listing"),
            models.CheckConstraint(
                condition=Q(target_user__isnull=False, listing=None)
                | Q(target_user=None, listing__isnull=False),
                name="swipe_one_target",
            ),
            models.CheckConstraint(condition=~Q(user=F("target_user")), name="swipe_not_oneself"),
        ]
        indexes = [
            models.Index(
                fields=["target_user", "-swiped_at", "-id"],
                condition=Q(action__in=["like", "super_like"], spent_at=None),
                name="swipe_likes_of_person",
            ),
            models.Index(
                fields=["listing", "-swiped_at", "-id"],
                condition=Q(action__in=["like", "super_like"], spent_at=None),
                name="swipe_likes_of_listing",
            ),
            models.Index(fields=["user", "-swiped_at", "-id"], name="swipe_latest"),
            models.Index(
                fields=["swiped_at"],
                condition=Q(action="pass") | Q(spent_at__isnull=False),
                name="swipe_history",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.action} {self.target_user_id or self.listing_id}"

    @property
    def is_like(self) -> bool:
        return self.action in LIKES and self.spent_at is None

    @property
    def is_super(self) -> bool:
        return self.action == SwipeAction.SUPER_LIKE

    @property
    def other_id(self) -> Any:
        """The person on the other side: who was swiped, or the host of what was."""
        return self.listing.owner_id if self.listing else self.target_user_id


class MatchQuerySet(models.QuerySet["Match"]):
    def of(self, user: User) -> Self:
        return self.filter(Q(first=user) | Q(second=user))

    def visible_to(self, user: User) -> Self:
        """One's own, but for those with somebody from whom a block parts."""
        parted = Block.objects.hide(user.pk, outer="first") | Block.objects.hide(
            user.pk, outer="second"
        )
        return self.of(user).filter(~parted)

    def active(self) -> Self:
        return self.filter(status=MatchStatus.ACTIVE)

    def for_list(self) -> Self:
        return self.select_related("first", "second", "context_listing")

    def between(self, one: uuid.UUID, other: uuid.UUID) -> Self:
        first, second = canonical(one, other)
        return self.filter(first=first, second=second)


class Match(models.Model):
    """Two people who like each other, small id first; the same row when they do so again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = person_key("+", db_index=False)
    second = person_key("+")
    status = models.CharField(
        _("status"), max_length=10, choices=MatchStatus.choices, default=MatchStatus.ACTIVE
    )
    context_listing = context_key()
    conversation = models.OneToOneField(
        "flatmates.Conversation", models.SET_NULL, null=True, related_name="match"
    )
    matched_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = MatchQuerySet.as_manager()

    class Meta:
        db_table = "flatmate_matches"
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="match_once_a_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="match_pair_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} + {self.second_id}"

    @property
    def is_active(self) -> bool:
        return self.status == MatchStatus.ACTIVE

    def peer_of(self, user: User) -> User:
        return self.second if self.first_id == user.pk else self.first


class SocietyTagVote(models.Model):
    """What somebody says about the society of a listing: true, or not so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = person_key("+")
    listing = models.ForeignKey(
        Property, models.CASCADE, db_index=False, db_column="property_id", related_name="tag_votes"
    )
    tag = models.CharField(max_length=40)
    is_up = models.BooleanField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "society_tag_votes"
        constraints = [
            models.UniqueConstraint(fields=["listing", "tag", "user"], name="tag_vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.tag} {'up' if self.is_up else 'down'}"
