"""What a seeker sends to a friend before they go: words, and nothing that lets anybody act."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext as _

from ghar.lib.formats import say_time
from viewings.models import ViewingRequest
from viewings.policies.address import is_address_due, visible_place
from viewings.policies.steps import is_frozen
from viewings.services.booking import zone_of
from viewings.states import SEEKER


def words_for_friend(viewing: ViewingRequest, side: str | None, now: dt.datetime) -> str:
    """Where they go, when, and the public page of the place; empty while nothing is agreed.

    Never the private link of the viewing: whoever has it can act.
    """
    time, listing = viewing.agreed_time, viewing.listing
    if side != SEEKER or time is None or is_frozen(viewing) or not is_address_due(viewing, now):
        return ""
    lines = [
        _("I am going to see a place: %(listing)s") % {"listing": listing},
        str(say_time(time.start_at, zone_of(viewing))),
        visible_place(viewing, side, now) or listing.place,
    ]
    if listing.is_live:
        lines.append(f"{settings.BASE_URL.rstrip('/')}{listing.get_absolute_url()}")
    return "\n".join(lines)
