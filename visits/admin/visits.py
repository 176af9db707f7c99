"""The console of visits: the queue of those without an agent, why this agent, and every verb."""

from collections.abc import Iterable
from typing import Any, Final
import uuid

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ghar.accounts.forms import add_refusal
from ghar.accounts.models import User
from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.formats import format_distance_in_time, format_instant, zone_name
from ghar.lib.guards import read_uuid
from visits import assignment
from visits.admin.filters import VisitAttention
from visits.admin.forms import AssignForm
from visits.forms import STEPS, Step
from visits.models import Agent, AssignmentDecision, Visit
from visits.policies import steps as policies
from visits.services.assigning import URGENT, assign_agent
from visits.states import AssignmentTrigger

STEP_NAMES: Final = {
    "assign": _("Choose an agent"),
    "confirm": _("Confirm the time"),
    "reschedule": _("Propose another time"),
    "withdraw": _("Take the new time back"),
    "cancel": _("Cancel"),
    "complete": _("Close, with what came of it"),
    "undo": _("Take my last step back"),
}
# The newest decisions; older ones stay in the table of decisions.
SHOWN_DECISIONS: Final = 5


def _assign_form(data: Any, visit: Visit, side: str, auto_id: str) -> forms.Form:
    candidates = assignment.candidates_for(visit, clock.now())
    return AssignForm(data, candidates=candidates, auto_id=auto_id)


def _chosen(form: forms.Form) -> dict[str, Any]:
    return {"agent": form.cleaned_data["agent"], "trigger": AssignmentTrigger.ADMIN}


TEAM_STEPS: Final = STEPS | {"assign": Step(_assign_form, assign_agent, _chosen)}


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ("listing", "guide", "at", "status", "visitor", "moves", "outcome")
    list_filter = (VisitAttention, "status", "visit_context", "outcome", "agent")
    list_select_related = ("listing", "user", "agent")
    search_fields = ("=id", "=listing__id", "listing__title", "user__full_name", "agent__name")
    ordering = ("-scheduled_date", "-id")
    list_per_page = 50
    actions = ("find_agents",)
    change_list_template = "admin/visits/visits.html"

    def get_ordering(self, request: HttpRequest) -> Any:
        """The queue begins with what comes first."""
        is_queue = request.GET.get("attention") in ("unassigned", "urgent")
        return ("scheduled_date", "id") if is_queue else self.ordering

    @admin.display(description=_("at"), ordering="scheduled_date")
    def at(self, visit: Visit) -> SafeString:
        time = format_instant(visit.scheduled_date, visit.timezone)
        zone = zone_name(visit.timezone)
        return format_html('<span class="nowrap">{}</span> <small>{}</small>', time, zone)

    @admin.display(description=_("visitor"), ordering="user__full_name")
    def visitor(self, visit: Visit) -> str:
        return str(visit.user)

    @admin.display(description=_("agent"), ordering="agent__name")
    def guide(self, visit: Visit) -> str | SafeString | None:
        """Whoever shows the place, or since when it waits, with the time that is left."""
        now = clock.now()
        if visit.agent or not assignment.needs_agent(visit, now):
            return str(visit.agent) if visit.agent else None
        waits = format_distance_in_time(visit.unassigned_since or visit.created_at, now)
        left = format_distance_in_time(visit.scheduled_date, now)
        words = _("waits since %(since)s, starts %(left)s") % {"since": waits, "left": left}
        is_late = visit.scheduled_date - now < URGENT
        return format_html('<span class="{}">{}</span>', "late" if is_late else "", words)

    @admin.display(description=_("moved"), ordering="reschedule_count")
    def moves(self, visit: Visit) -> int:
        return visit.reschedule_count

    @admin.action(description=_("Find another agent"))
    def find_agents(self, request: Any, queryset: QuerySet[Visit]) -> None:
        """One by one, each with what came of it."""
        helped = 0
        for visit in queryset:
            try:
                trigger = AssignmentTrigger.ADMIN
                found = assign_agent(visit=visit, trigger=trigger, by=request.user)
            except DomainError as error:
                self.message_user(request, f"{visit.listing}: {error.message}", messages.ERROR)
                continue
            if found.agent is None:
                words = _("%(place)s: nobody is free.") % {"place": visit.listing}
                self.message_user(request, words, messages.WARNING)
            helped += found.agent is not None
        told = ngettext("%(n)s visit has an agent.", "%(n)s visits have an agent.", helped)
        self.message_user(request, told % {"n": helped})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With how many of each want attention."""
        visits, wanted = Visit.objects.all(), VisitAttention.narrowings
        counts = [(name, text, narrow(visits).count()) for name, (text, narrow) in wanted.items()]
        return super().changelist_view(request, {**(extra_context or {}), "attention": counts})

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(require_POST(self.step))
        return [
            path("<id:pk>/step/<slug:verb>/", step, name="visits_visit_step"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._visit(read_uuid(object_id)))

    def step(self, request: Any, pk: uuid.UUID, verb: str) -> HttpResponse:
        """One verb, by the member of the team who is signed in."""
        if verb not in STEP_NAMES:
            raise Http404
        visit = self._visit(pk)
        form = _form_of(verb, request.POST, visit, request.user)
        if not form.is_valid():
            return self._page(request, visit, refused={verb: form}, status=422)
        try:
            TEAM_STEPS[verb].take(visit, request.user, form)
        except DomainError as error:
            again = self._visit(pk)
            add_refusal(form, error)
            return self._page(request, again, refused={verb: form}, status=error.status)
        messages.success(request, _("Done. Everybody concerned sees it."))
        return HttpResponseRedirect(reverse("admin:visits_visit_change", args=[pk]))

    def _visit(self, pk: uuid.UUID) -> Visit:
        return get_object_or_404(Visit.objects.for_detail(), pk=pk)

    def _page(
        self,
        request: Any,
        visit: Visit,
        *,
        refused: dict[str, forms.Form] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now, refused = clock.now(), refused or {}
        possible = [
            v for v in policies.allowed_actions(visit, request.user, now) if v in STEP_NAMES
        ]
        verbs = [verb for verb in STEP_NAMES if verb in possible or verb in refused]
        made = {v: refused.get(v) or _form_of(v, None, visit, request.user) for v in verbs}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(visit.listing),
            "visit": visit,
            "is_urgent": assignment.needs_agent(visit, now) and visit.scheduled_date - now < URGENT,
            "decisions": _decisions_of(visit) if visit.is_tour else [],
            "events": list(visit.events.all()),
            "steps": [(verb, STEP_NAMES[verb], form) for verb, form in made.items()],
            "refused": list(refused),
        }
        return TemplateResponse(request, "admin/visits/visit.html", context, status=status)


def _form_of(verb: str, data: Any, visit: Visit, by: User) -> forms.Form:
    return TEAM_STEPS[verb].make_form(data, visit, policies.side_of(visit, by), f"{verb}_%s")


def _decisions_of(visit: Visit) -> list[dict[str, Any]]:
    """The newest first, in words: each candidate with load, weight, score and why they lost."""
    found = list(visit.decisions.select_related("agent")[:SHOWN_DECISIONS])
    names = _names_in(found)
    return [
        {
            "decision": decision,
            "rows": [
                {
                    **row,
                    "name": names.get(row["agent_id"], "-"),
                    "is_chosen": row["agent_id"] == str(decision.agent_id),
                    "why": assignment.REASONS.get(row["lost_because"], _("came later in turn")),
                }
                for row in decision.candidates
            ],
        }
        for decision in found
    ]


def _names_in(decisions: Iterable[AssignmentDecision]) -> dict[str, str]:
    ids = {row["agent_id"] for decision in decisions for row in decision.candidates}
    return {
        str(pk): name for pk, name in Agent.objects.filter(pk__in=ids).values_list("pk", "name")
    }
