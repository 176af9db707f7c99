"""One step of a listing from state to state, and everybody who hears of it.

Every verb on a status ends here: lock, check the table, save, tell the apps above, write the audit,
tell the poster.
"""

import datetime as dt
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ghar.audit import services as audit
from ghar.lib.actors import Actor
from ghar.notifications.models import NotificationType, Purpose
from ghar.notifications.services.lines import Line, notify
from ghar.properties.models import Property
from ghar.properties.policies import check_step
from ghar.properties.signals import listing_status_changed, listing_status_changing
from ghar.properties.states import PauseReason
from ghar.realtime.models import EventType
from ghar.realtime.services import emit

AUDIT_ACTIONS: Final = {
    "submit": "listing_submitted",
    "edit_content": "listing_taken_back",
    "check_hold": "listing_held",
    "check_pass": "listing_passed",
    "restore_live": "listing_restored",
    "restore_paused": "listing_restored",
    "approve": "listing_approved",
    "reject": "listing_rejected",
    "request_edit": "listing_edit_requested",
    "hold": "listing_held",
    "allow": "listing_allowed",
    "undo_to_hold": "listing_decision_undone",
    "undo_to_review": "listing_decision_undone",
    "pause": "listing_paused",
    "resume": "listing_resumed",
    "expire": "listing_expired",
    "renew": "listing_renewed",
    "withdraw": "listing_withdrawn",
}


class Notice(NamedTuple):
    """What the poster reads; `{title}` is the listing's. `body` gives way to a reviewer's words."""

    type: NotificationType
    title: Any  # str, or a lazy translation
    body: Any


_HELD = Notice(
    NotificationType.LISTING_HELD,
    _("{title} needs your input"),
    _("A few points are open before it can be published. Each takes a minute."),
)
NOTICES: Final = {
    "approve": Notice(
        NotificationType.LISTING_APPROVED,
        _("{title} is live"),
        _("Everybody can find it now. You will hear from us when somebody asks for a viewing."),
    ),
    "reject": Notice(
        NotificationType.LISTING_REJECTED,
        _("{title} was not published"),
        _("Open it to read why, and what you can do."),
    ),
    "request_edit": Notice(
        NotificationType.LISTING_NEEDS_EDIT,
        _("Please change something in {title}"),
        _("Open it to read what, then send it again."),
    ),
    "hold": _HELD,
    "check_hold": _HELD,
}
PAUSED_BY_US: Final = Notice(
    NotificationType.LISTING_PAUSED,
    _("{title} is paused"),
    _("Our team has paused it. Open it to see what happens next."),
)

# What we paused and promised to tell the end of.
BACK_AFTER_OUR_PAUSE: Final = Notice(
    NotificationType.LISTING_APPROVED,
    _("{title} is live again"),
    _("Everybody can find it as before."),
)
PAUSED_BY_US_BECAUSE: Final = frozenset({PauseReason.MODERATION, PauseReason.REPORTS})

# The pauses that are not the poster's own.
PAUSE_NOTICES: Final = {
    PauseReason.MODERATION.value: PAUSED_BY_US,
    PauseReason.REPORTS.value: PAUSED_BY_US,
    PauseReason.MOVE_IN_PASSED.value: Notice(
        NotificationType.LISTING_PAUSED,
        _("{title} is paused"),
        PauseReason.MOVE_IN_PASSED.label,
    ),
    PauseReason.NOT_CONFIRMED.value: Notice(
        NotificationType.LISTING_PAUSED,
        _("{title} is paused"),
        PauseReason.NOT_CONFIRMED.label,
    ),
}


class Telling(NamedTuple):
    """How a reviewer's decision reaches the poster: in these words, not before `visible_at`.

    `key` lets notifications.services.lines.withdraw take the notice back while nobody has seen it.
    """

    message: str = ""
    visible_at: dt.datetime | None = None
    key: str = ""


def lock_listing(listing: Property, **facts: Any) -> Property:
    """The fresh row, locked until commit. Viewings may be written meanwhile (no key change).

    `facts` are annotations. They are as old as the statement: what they tell has its own lock.
    """
    return (
        Property.objects.annotate(**facts)
        .select_for_update(of=("self",), no_key=True)
        .select_related("owner")
        .defer("search")
        .get(pk=listing.pk)
    )


@transaction.atomic
def move_listing(
    *,
    listing: Property,
    verb: str,
    by: Actor,
    now: dt.datetime,
    telling: Telling | None = None,
    **changes: Any,
) -> Property:
    """Take the step that `verb` names and set `changes` on the row with it.

    Raises NotAllowed or InvalidTransition. A step that leaves the status as it is tells nobody.
    """
    listing = lock_listing(listing)
    step = check_step(listing, verb=verb, by=by)
    old, listing.status = listing.status, step.target
    was_paused_because = listing.pause_reason
    for name, value in changes.items():
        setattr(listing, name, value)
    listing.save(update_fields=["status", "updated_at", *changes])
    is_moved = old != step.target
    if is_moved:
        # Before the audit: receivers take locks of their own, and the audit's comes last.
        listing_status_changing.send(sender=Property, listing=listing, old=old)
        listing_status_changed.send(sender=Property, listing=listing, old=old, by=by, now=now)
    audit.record(
        by=by,
        action=AUDIT_ACTIONS[verb],
        target=listing,
        now=now,
        data={"from": old, "to": listing.status, "version": listing.content_version},
    )
    if is_moved:
        notice = _notice_of(listing, verb, was_paused_because)
        _tell_poster(listing, notice=notice, telling=telling, now=now)
    return listing


def _notice_of(listing: Property, verb: str, was_paused_because: str) -> Notice | None:
    if verb == "pause":
        return PAUSE_NOTICES.get(listing.pause_reason)
    if verb == "resume" and was_paused_because in PAUSED_BY_US_BECAUSE:
        return BACK_AFTER_OUR_PAUSE
    return NOTICES.get(verb)


def _tell_poster(
    listing: Property, *, notice: Notice | None, telling: Telling | None, now: dt.datetime
) -> None:
    route = host_page(listing)
    emit(
        to=listing.owner,
        type=EventType.LISTING_STATUS_CHANGED,
        object_type="property",
        object_id=listing.pk,
        status=listing.status,
        route=route,
    )
    if notice is None:
        return
    telling = telling or Telling()
    notify(
        Line(
            to=listing.owner,
            type=notice.type,
            title=format_lazy(notice.title, title=listing),
            body=telling.message or notice.body,
            route=route,
            visible_at=telling.visible_at,
            key=telling.key,
        ),
        now=now,
        purpose=Purpose.MODERATION,
    )


def host_page(listing: Property) -> str:
    return f"/host/{listing.pk}/"
