"""Who read whose profile, and for how long: counts for the person who was read."""

import datetime as dt
from typing import Final

from django.db import transaction

from flatmates.models import Profile, ProfileView
from ghar.accounts.models import User
from ghar.errors import NotFound
from ghar.lib import clock
from ghar.lib.pairs import lock_pair

KEPT: Final = dt.timedelta(days=90)
WEEK: Final = dt.timedelta(days=7)


@transaction.atomic
def record_view(
    *, by: User, viewed: User, duration_seconds: int, scroll_percent: int, source: str
) -> tuple[ProfileView, bool]:
    """One row for each viewer, person and hour, which keeps the longest look; whether it is new.

    Raises NotFound for oneself and for whom the viewer may not see.
    """
    now = clock.now()
    visible = Profile.objects.visible_to(by).exclude(user=by)
    if not visible.filter(user=viewed).exists():
        raise NotFound
    lock_pair(by.pk, viewed.pk)
    hour = now.replace(minute=0, second=0, microsecond=0)
    view = ProfileView.objects.filter(viewer=by, viewed=viewed, created_at__gte=hour).first()
    is_new = view is None
    view = view or ProfileView(viewer=by, viewed=viewed, created_at=now, source=source)
    view.duration_seconds = max(duration_seconds, view.duration_seconds or 0)
    view.scroll_percent = max(scroll_percent, view.scroll_percent or 0)
    view.save()
    return view, is_new


def seen_by(user: User, *, now: dt.datetime) -> int:
    """How many people read the profile in the last week."""
    return ProfileView.objects.of(user, since=now - WEEK).count_viewers()


def forget_old_views(*, now: dt.datetime) -> int:
    deleted, _rows = ProfileView.objects.older_than(now - KEPT).delete()
    return deleted
