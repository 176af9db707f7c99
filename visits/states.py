"""Words of tours and meets, and the table of their steps."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transitions, row

VISITOR, HOST, AGENT, COUNTERPARTY, ADMIN, SYSTEM = (
    *("visitor", "host", "agent", "counterparty", "admin", "system"),
)


class VisitContext(models.TextChoices):
    PROPERTY_TOUR = "property_tour", _("Tour")
    FLATMATE_MEET = "flatmate_meet", _("Meeting")


class VisitStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("Asked for")
    CONFIRMED = "confirmed", _("Agreed")
    COMPLETED = "completed", _("Over")
    CANCELLED = "cancelled", _("Cancelled")
    RESCHEDULED = "rescheduled", _("New time proposed")


S = VisitStatus
ACTIVE = (S.SCHEDULED, S.CONFIRMED, S.RESCHEDULED)
_PARTIES = [VISITOR, HOST, AGENT, COUNTERPARTY, ADMIN]

TRANSITIONS = Transitions(
    # Nobody confirms the time that they proposed: visits.policies says who may.
    row("confirm", [S.SCHEDULED, S.RESCHEDULED], S.CONFIRMED, _PARTIES),
    row("reschedule", ACTIVE, S.RESCHEDULED, _PARTIES),
    # The proposal is taken back: the visit stands as it did before.
    row("withdraw_to_scheduled", [S.RESCHEDULED], S.SCHEDULED, [*_PARTIES, SYSTEM]),
    row("withdraw_to_confirmed", [S.RESCHEDULED], S.CONFIRMED, [*_PARTIES, SYSTEM]),
    row("cancel", ACTIVE, S.CANCELLED, [*_PARTIES, SYSTEM]),
    row("expire", [S.SCHEDULED, S.RESCHEDULED], S.CANCELLED, [SYSTEM]),
    row("complete", [S.CONFIRMED], S.COMPLETED, [*_PARTIES, SYSTEM]),
    # One step back, by whoever took it, while nothing else has happened.
    row("undo_cancel_to_scheduled", [S.CANCELLED], S.SCHEDULED, _PARTIES),
    row("undo_cancel_to_confirmed", [S.CANCELLED], S.CONFIRMED, _PARTIES),
    row("undo_cancel_to_rescheduled", [S.CANCELLED], S.RESCHEDULED, _PARTIES),
    row("undo_confirm_to_scheduled", [S.CONFIRMED], S.SCHEDULED, _PARTIES),
    row("undo_confirm_to_rescheduled", [S.CONFIRMED], S.RESCHEDULED, _PARTIES),
    row("undo_complete", [S.COMPLETED], S.CONFIRMED, _PARTIES),
)


class Outcome(models.TextChoices):
    ATTENDED = "attended", _("It took place")
    VISITOR_NO_SHOW = "visitor_no_show", _("The visitor did not come")
    HOST_NO_SHOW = "host_no_show", _("The host did not come")
    NOT_ACCESSIBLE = "not_accessible", _("The place was not accessible")


class VisitEventType(models.TextChoices):
    SCHEDULED = "scheduled", _("Asked for")
    ASSIGNED = "assigned", _("Agent assigned")
    UNASSIGNED = "unassigned", _("Agent taken off")
    CONFIRMED = "confirmed", _("Agreed")
    RESCHEDULED = "rescheduled", _("New time proposed")
    WITHDRAWN = "withdrawn", _("Proposal taken back")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Never agreed, and over")
    COMPLETED = "completed", _("Over")
    UNDONE = "undone", _("Taken back")
    NOTED = "noted", _("Notes changed")
    REMINDED = "reminded", _("Reminded")
    CHECKED_IN = "checked_in", _("Arrived")
    DISPUTED = "disputed", _("Outcome disputed")


# Those that move a visit; the last of them can be taken back.
E = VisitEventType
STEPS = frozenset(
    {
        *(E.SCHEDULED, E.CONFIRMED, E.RESCHEDULED, E.WITHDRAWN, E.CANCELLED),
        *(E.EXPIRED, E.COMPLETED, E.UNDONE),
    }
)


class AgentType(models.TextChoices):
    GENERAL = "general", _("General")
    SPECIALIST = "specialist", _("Specialist")
    SENIOR = "senior", _("Senior")


class ExperienceLevel(models.TextChoices):
    BEGINNER = "beginner", _("Beginner")
    INTERMEDIATE = "intermediate", _("Intermediate")
    EXPERT = "expert", _("Expert")


class InteractionKind(models.TextChoices):
    CHAT = "chat", _("Chat")
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")


class AssignmentTrigger(models.TextChoices):
    """Why an agent was looked for."""

    SCHEDULE = "schedule", _("A visit was booked")
    RESCHEDULE = "reschedule", _("A new time was proposed")
    SWEEP = "sweep", _("It waited in the queue")
    RELEASE = "release", _("Somebody became free")
    ADMIN = "admin", _("An admin asked")
    HANDOVER = "handover", _("The agent handed it over")
    LEAVE = "leave", _("The agent left, or is away")
    PARTED = "parted", _("The agent and one of the others want nothing of each other")
