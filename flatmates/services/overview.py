"""What an app asks for first, in one statement."""

import datetime as dt

from django.db.models import Count, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from flatmates.models import Participant, ProfileView
from flatmates.services.profile_views import WEEK
from ghar.accounts.models import User
from ghar.properties.models import Property


def counts_of(user: User, *, now: dt.datetime) -> dict[str, int]:
    """active_listing_count, conversation_count, unread_message_count and seen_by."""
    chats = Participant.objects.visible_to(user).archived(False)
    views = ProfileView.objects.of(user, since=now - WEEK)
    counts = {
        "active_listing_count": _one(Property.objects.live().owned_by(user), "owner", Count("pk")),
        "conversation_count": _one(chats, "user", Count("pk")),
        "unread_message_count": _one(chats.filter(unread_count__gt=0), "user", Sum("unread_count")),
        "seen_by": _one(views, "viewed", Count("viewer", distinct=True)),
    }
    return User.objects.filter(pk=user.pk).values(**counts).get()


def _one(rows: QuerySet, owner: str, number: Count | Sum) -> Coalesce:
    """`number` over rows that all belong to one `owner`."""
    return Coalesce(Subquery(rows.order_by().values(owner).annotate(n=number).values("n")), 0)
