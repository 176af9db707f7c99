"""Pictures that prove nothing, by a moderator's word: a lobby, a developer's drawing, a logo.

The word is about the picture: it is kept with each copy of it in the index, and holds for later ones.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.lib import clock
from ghar.properties.models import Property
from ghar.properties.states import IN_REVIEW
from moderation import policies
from moderation.models import PhotoHash, RiskScore
from moderation.services.casefile import PhotoPair
from moderation.services.checks import request_check
from moderation.services.facts import detection_limits
from moderation.services.photos import copies_of


@transaction.atomic
def mark_common(*, pair: PhotoPair, by: User) -> None:
    """The picture is evidence against nobody, whoever shows it; a repeat changes nothing."""
    _say(pair, is_common=True, action="photo_marked_common", by=by)


@transaction.atomic
def unmark_common(*, pair: PhotoPair, by: User) -> None:
    """It counts again, as if nothing had been said."""
    _say(pair, is_common=False, action="photo_unmarked_common", by=by)


def _say(pair: PhotoPair, *, is_common: bool, action: str, by: User) -> None:
    now = clock.now()
    copies = copies_of(photos=pair.photos, limits=detection_limits())
    rows = PhotoHash.objects.filter(media__in=copies).exclude(is_common=is_common)
    changed = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    # The word is about every copy, on whichever case it is said.
    for listing in Property.objects.filter(
        owner=by, media__in=copies.union(photo.pk for photo in pair.photos)
    ):
        policies.check_can_judge(listing, by)
    if not changed:
        return
    PhotoHash.objects.filter(pk__in=changed).update(is_common=is_common)
    _check_again(copies, now)
    data = {"photo": str(pair.mine.pk), "other": str(pair.other.pk), "copies": len(changed)}
    audit.record(by=by, action=action, target=pair.mine.listing, now=now, data=data)


def _check_again(copies: set[uuid.UUID], now: dt.datetime) -> None:
    """What waits for a moderator and shows the picture, or was compared with it."""
    showing = PhotoHash.objects.filter(media__in=copies).values("listing")
    compared = RiskScore.objects.speaking_of(copies).values("listing")
    waiting = Property.objects.filter(status__in=IN_REVIEW)
    for listing in waiting.filter(Q(pk__in=showing) | Q(pk__in=compared)).order_by("pk"):
        request_check(listing=listing, now=now)
