"""All that staff may know about a person. Runs as staff."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.audit.models import AuditEvent
from ghar.properties.models import Property
from moderation import policies
from moderation.models import Appeal, Attendance, Decision, Dispute, Report, Sanction
from moderation.rules.reliability import Record

SHOWN: Final = 20
PRIVATE_FACTS: Final = {"email": _("e-mail"), "phone": _("phone")}


def page_of(person: User, *, by: User, now: dt.datetime) -> dict[str, Any]:
    """What the page of a person shows, and what this moderator may do there."""
    sanctions = Sanction.objects.filter(person=person).order_by("-made_at")
    reports = Report.objects.select_related("reporter", "reported", "listing").order_by("-id")
    decisions = Decision.objects.filter(listing__owner=person)
    trail = AuditEvent.objects.filter(target_type="user", target_id=str(person.pk))
    in_force = sanctions.suspensions().standing().first()
    return {
        "person": person,
        "listings": Property.objects.owned_by(person).order_by("-id")[:SHOWN],
        "reports_about": reports.filter(reported=person)[:SHOWN],
        "reports_by": reports.filter(reporter=person)[:SHOWN],
        "sanctions": sanctions.select_related("made_by", "confirmed_by", "lifted_by")[:SHOWN],
        "decisions": decisions.select_related("listing", "decided_by")[:SHOWN],
        "appeals": Appeal.objects.filter(sanction__person=person).order_by("-created_at")[:SHOWN],
        "disputes": Dispute.objects.about(person.pk)
        .select_related("attendance", "author", "author_session__claimed_by")
        .order_by("-id")[:SHOWN],
        "absences_said": Dispute.objects.by(person)
        .absences()
        .select_related("attendance__person")
        .order_by("-id")[:SHOWN],
        "decided_next": Dispute.objects.about(person.pk).open().first(),
        "record": Record(**Attendance.objects.filter(person=person).tally()),
        "trail": trail.order_by("-id")[:SHOWN],
        "in_force": in_force,
        "can_warn": policies.can_warn(person, by),
        "can_suspend": in_force is None and policies.can_suspend(person, by),
        "can_confirm": in_force is not None and policies.can_confirm(in_force, by, now),
        "can_lift": in_force is not None and policies.can_lift(in_force, by),
        "waits_for_confirmation": in_force is not None and policies.is_waiting(in_force, now),
    }


def reveal_contacts(*, person: User, by: User, now: dt.datetime) -> list[tuple[str, Any]]:
    """E-mail and phone; who looked is in the audit."""
    data = {"fields": list(PRIVATE_FACTS)}
    audit.record(by=by, action="private_facts_revealed", target=person, now=now, data=data)
    return [(str(label), getattr(person, name)) for name, label in PRIVATE_FACTS.items()]
