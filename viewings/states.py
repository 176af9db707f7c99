"""The states of a viewing request, and the verbs that lead from one to another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transitions, row

SEEKER, POSTER, ADMIN, SYSTEM = "seeker", "poster", "admin", "system"
SIDES = (SEEKER, POSTER, ADMIN)


class ViewingStatus(models.TextChoices):
    PROPOSED = "proposed", _("Times proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    RESCHEDULED = "rescheduled", _("New times proposed")
    CANCELLED = "cancelled", _("Cancelled")
    COMPLETED = "completed", _("Over")


# How a page calls what stands open before anybody has proposed a time.
ASKED = _("Asked")

S = ViewingStatus
OPEN = frozenset({S.PROPOSED, S.RESCHEDULED})
ACTIVE = OPEN | {S.CONFIRMED}

TRANSITIONS = Transitions(
    row("offer", [S.PROPOSED], S.PROPOSED, SIDES),
    row("offer", [S.RESCHEDULED], S.RESCHEDULED, SIDES),
    row("select", [S.PROPOSED], S.PROPOSED, SIDES),
    row("select", [S.RESCHEDULED], S.RESCHEDULED, SIDES),
    row("confirm", OPEN, S.CONFIRMED, [POSTER, ADMIN, SYSTEM]),
    row("reschedule", ACTIVE, S.RESCHEDULED, SIDES),
    row("cancel", ACTIVE, S.CANCELLED, [*SIDES, SYSTEM]),
    row("complete", [S.CONFIRMED], S.COMPLETED, [POSTER, ADMIN, SYSTEM]),
    row("expire", OPEN, S.CANCELLED, [SYSTEM]),
    # Nobody answered the new times: what was agreed before stands.
    row("fall_back", [S.RESCHEDULED], S.CONFIRMED, [SYSTEM]),
)


class OptionStatus(models.TextChoices):
    OFFERED = "offered", _("offered")
    SELECTED = "selected", _("selected")
    REJECTED = "rejected", _("not chosen")


OPEN_OPTIONS = frozenset({OptionStatus.OFFERED, OptionStatus.SELECTED})

OPTION_TRANSITIONS = Transitions(
    row("select", [OptionStatus.OFFERED], OptionStatus.SELECTED, SIDES),
    row("release", [OptionStatus.SELECTED], OptionStatus.OFFERED, [*SIDES, SYSTEM]),
    row(
        "reject",
        [OptionStatus.OFFERED, OptionStatus.SELECTED],
        OptionStatus.REJECTED,
        [*SIDES, SYSTEM],
    ),
    row("restore", [OptionStatus.REJECTED], OptionStatus.SELECTED, [SYSTEM]),
)


class Outcome(models.TextChoices):
    ATTENDED = "attended", _("Both came")
    VISITOR_NO_SHOW = "visitor_no_show", _("The visitor did not come")
    HOST_NO_SHOW = "host_no_show", _("The host did not come")
    NOT_ACCESSIBLE = "not_accessible", _("The place could not be seen")


NO_SHOWS = frozenset({Outcome.VISITOR_NO_SHOW, Outcome.HOST_NO_SHOW})


class Source(models.TextChoices):
    SEEKER = "seeker", _("seeker")
    POSTER = "poster", _("poster")
    ADMIN = "admin", _("admin")


class EventType(models.TextChoices):
    CREATED = "created", _("Request sent")
    OFFERED = "offered", _("Times offered")
    SELECTED = "selected", _("Time chosen")
    CONFIRMED = "confirmed", _("Confirmed")
    RESCHEDULED = "rescheduled", _("New times asked for")
    CANCELLED = "cancelled", _("Cancelled")
    REMINDED = "reminded", _("Reminder sent")
    COMPLETED = "completed", _("Over")
    HOLD_EXPIRED = "hold_expired", _("Chosen time released")
    CLAIMED = "claimed", _("Moved to an account")
    EXPIRED = "expired", _("Ran out")
    FELL_BACK = "fell_back", _("The agreed time stands")
    ADMIN_INTERVENED = "admin_intervened", _("Our team stepped in")
    MEETING_POINT = "meeting_point", _("Meeting point given")
    NOTIFIED = "notified", _("Message sent")
    FROZEN = "frozen", _("On hold with the listing")
    UNFROZEN = "unfrozen", _("Goes on")
    DISPUTED = "disputed", _("Outcome disputed")


class ConversationState(models.TextChoices):
    """What the assistant of a viewing waits for, or how the viewing stands."""

    ASKS_PLACE = "asks_place", _("Asks which place")
    ASKS_TIMES = "asks_times", _("Asks when")
    ASKS_SENDING = "asks_sending", _("Asks whether to send the times")
    ASKS_CANCELLING = "asks_cancelling", _("Asks whether to cancel")
    ASKS_CHOICE = "asks_choice", _("Asks which of the host's times")
    WAITS = "waits", _("Waits for the host")
    AGREED = "agreed", _("A time is agreed")
    OVER = "over", _("Over")
