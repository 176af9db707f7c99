"""The console of agents: who they are, when they work, how full they are."""

from typing import Any
import uuid

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ghar.accounts.forms import add_refusal
from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.formats import format_instant
from visits.admin.filters import AwayFilter
from visits.admin.forms import AgentForm
from visits.assignment import is_away, with_load
from visits.forms import AwayForm
from visits.models import Agent, AgentInteraction, AssignmentDecision
from visits.models.agents import WEEKDAYS
from visits.services import agents, board


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):
    form = AgentForm
    list_display = ("name", "user", "is_active", "leave", "load", "rating", "spoken", "covered")
    list_filter = ("is_active", AwayFilter, "agent_type")
    list_select_related = ("user",)
    search_fields = ("=id", "name", "user__full_name")
    ordering = ("name", "id")
    raw_id_fields = ("user",)
    actions = ("deactivate", "activate")
    change_list_template = "admin/visits/agents.html"
    change_form_template = "admin/visits/agent.html"
    fieldsets = (
        (None, {"fields": ("name", "user", "is_active", "agent_type", "experience_level")}),
        (_("What they can show"), {"fields": ("languages", "areas", "specialities")}),
        (_("Working hours"), {"fields": ("timezone", WEEKDAYS, "days_off")}),
        (_("How many tours"), {"fields": ("daily_capacity", "weight")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        now = clock.now()
        return agents.with_rating(with_load(super().get_queryset(request), now), now)

    @admin.display(description=_("leave"))
    def leave(self, agent: Agent) -> str:
        if not is_away(agent, clock.now()):
            return ""
        back = agent.unavailable_until
        until = format_instant(back, agent.timezone) if back else _("until further notice")
        return f"{until}. {agent.unavailable_reason}"

    @admin.display(description=_("open load"), ordering="open_load")
    def load(self, agent: Any) -> int:
        return agent.open_load

    @admin.display(description=_("rating"), ordering="rating")
    def rating(self, agent: Any) -> float | None:
        return agent.rating and round(agent.rating, 1)

    @admin.display(description=_("languages"))
    def spoken(self, agent: Agent) -> str:
        return ", ".join(agent.languages)

    @admin.display(description=_("areas"))
    def covered(self, agent: Agent) -> str:
        return ", ".join(agent.areas) or str(_("everywhere"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever leaves is deactivated: their visits keep their name."""
        return False

    def save_model(self, request: Any, obj: Agent, form: AgentForm, change: bool) -> None:
        if change:
            agents.change_agent(agent=obj, by=request.user, changes=form.facts)
        else:
            obj.pk = agents.make_agent(by=request.user, **form.facts).pk

    @admin.action(description=_("Deactivate; others get the open visits"))
    def deactivate(self, request: Any, queryset: QuerySet[Agent]) -> None:
        self._switch(request, queryset, is_active=False)

    @admin.action(description=_("Activate"))
    def activate(self, request: Any, queryset: QuerySet[Agent]) -> None:
        self._switch(request, queryset, is_active=True)

    def _switch(self, request: Any, queryset: QuerySet[Agent], *, is_active: bool) -> None:
        for agent in queryset:
            agents.change_agent(agent=agent, by=request.user, changes={"is_active": is_active})
        self.message_user(request, _("Done."))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        leave = guard(require_POST(self.set_leave))
        return [
            path("board/", guard(self.board), name="visits_agent_board"),
            path("<id:pk>/leave/", leave, name="visits_agent_leave"),
            path("<id:pk>/back/", guard(require_POST(self.back)), name="visits_agent_back"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        agent = kwargs.get("obj")
        if agent is not None:
            context |= {
                "leave_form": AwayForm(zone=agent.timezone),
                "is_away": is_away(agent, clock.now()),
                "stats": agents.stats_of(agent, clock.now()),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def set_leave(self, request: Any, pk: uuid.UUID) -> HttpResponse:
        agent = get_object_or_404(Agent, pk=pk)
        form = AwayForm(request.POST, zone=agent.timezone)
        if form.is_valid():
            facts = {"until": form.until, "reason": form.cleaned_data["reason"]}
            try:
                agents.set_availability(agent=agent, is_available=False, by=request.user, **facts)
            except DomainError as error:
                add_refusal(form, error)
        for told in form.errors.values():
            messages.error(request, " ".join(str(line) for line in told))
        if not form.errors:
            messages.success(request, _("On leave. Others get the visits in that time."))
        return _to(agent)

    def back(self, request: Any, pk: uuid.UUID) -> HttpResponse:
        agent = get_object_or_404(Agent, pk=pk)
        agents.set_availability(agent=agent, is_available=True, by=request.user)
        messages.success(request, _("Back at work. What waits is tried again."))
        return _to(agent)

    def board(self, request: Any) -> HttpResponse:
        found = board.load_board(clock.now())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Load of the agents"),
            **found,
            "longest": max((row["score"] for row in found["items"]), default=0) or 1,
            "fullest": max((row["capacity"] for row in found["items"]), default=0) or 1,
        }
        return TemplateResponse(request, "admin/visits/board.html", context)


def _to(agent: Agent) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:visits_agent_change", args=[agent.pk]))


@admin.register(AgentInteraction)
class AgentInteractionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "agent", "kind", "response_time_seconds", "user_satisfaction")
    list_filter = ("kind", "agent")
    list_select_related = ("agent",)
    ordering = ("-id",)


@admin.register(AssignmentDecision)
class AssignmentDecisionAdmin(ReadOnlyAdmin):
    """Every decision; on the page of its visit it stands in words."""

    list_display = ("decided_at", "visit", "agent", "trigger")
    list_filter = ("trigger", "agent")
    list_select_related = ("visit", "agent")
    search_fields = ("=visit__id",)
    ordering = ("-id",)
