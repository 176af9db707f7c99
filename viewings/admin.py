"""The console: all requests, the flagged ones first, and every verb as the team."""

from typing import Any
import uuid

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ghar import flags
from ghar.accounts.forms import add_refusal
from ghar.admin import AttentionFilter, ReadOnlyAdmin
from ghar.api.features import require_feature
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import read_uuid
from viewings.forms import STEPS
from viewings.models import ViewingEvent, ViewingRequest
from viewings.policies import steps as policies
from viewings.services.booking import zone_of
from viewings.states import NO_SHOWS, EventType

# The steps of the team; the others are a visitor's alone.
STEP_NAMES = {
    "offer": _("Offer times"),
    "select": _("Select a time"),
    "confirm": _("Confirm a time"),
    "reschedule": _("Start a new round of times"),
    "cancel": _("Cancel"),
    "complete": _("Complete"),
    "meeting_point": _("Meeting point"),
    "notify": _("Write to one side"),
    "settle": _("Settle the flag"),
}


def _disputed(viewings: Any) -> Any:
    told = ViewingEvent.objects.filter(event_type=EventType.DISPUTED)
    return viewings.filter(pk__in=told.values("viewing"))


class ViewingAttention(AttentionFilter):
    narrowings = {
        "flagged": (_("flagged"), lambda viewings: viewings.filter(is_flagged=True)),
        "active": (_("under way"), lambda viewings: viewings.active()),
        "disputed": (_("outcome disputed"), _disputed),
        "missed": (
            _("somebody did not come"),
            lambda viewings: viewings.filter(outcome__in=NO_SHOWS),
        ),
    }


@admin.register(ViewingRequest)
class ViewingRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "listing",
        "status",
        "is_flagged",
        "round",
        "seeker_name",
        "poster",
        "created_at",
    )
    list_filter = (ViewingAttention, "status")
    list_select_related = ("listing", "seeker", "seeker_session", "poster")
    search_fields = ("=id", "=listing__id", "listing__title", "poster__full_name")
    ordering = ("-is_flagged", "-id")
    list_per_page = 50

    @admin.display(description=_("visitor"))
    def seeker_name(self, viewing: ViewingRequest) -> str:
        return str(viewing.seeking_principal)

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(require_POST(self.step))
        name = "viewings_viewingrequest_step"
        return [path("<id:pk>/step/<slug:verb>/", step, name=name), *super().get_urls()]

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._viewing(read_uuid(object_id)))

    def step(self, request: Any, pk: uuid.UUID, verb: str) -> HttpResponse:
        """One verb, by the member of the team who is signed in."""
        viewing = self._viewing(pk)
        if verb not in STEP_NAMES:
            raise Http404
        form = STEPS[verb].make_form(
            request.POST, viewing, policies.party_side(viewing, request.user)
        )
        if not form.is_valid():
            return self._page(request, viewing, opened=verb, form=form, status=422)
        try:
            require_feature(flags.VIEWINGS)
            STEPS[verb].take(viewing, request.user, form)
        except DomainError as error:
            add_refusal(form, error)
            again = self._viewing(pk)
            return self._page(request, again, opened=verb, form=form, status=error.status)
        messages.success(request, _("Done. Both sides see it."))
        return HttpResponseRedirect(reverse("admin:viewings_viewingrequest_change", args=[pk]))

    def _viewing(self, pk: uuid.UUID) -> ViewingRequest:
        return get_object_or_404(ViewingRequest.objects.for_detail(), pk=pk)

    def _page(
        self,
        request: Any,
        viewing: ViewingRequest,
        *,
        opened: str = "",
        form: forms.Form | None = None,
        status: int = 200,
    ) -> HttpResponse:
        side = policies.party_side(viewing, request.user)
        actions = policies.allowed_actions(viewing, request.user, clock.now())
        made = {verb: STEPS[verb].make_form(None, viewing, side) for verb in actions}
        if form is not None:
            made[opened] = form
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(viewing.listing),
            "viewing": viewing,
            "zone": zone_of(viewing),
            "events": list(viewing.events.all()),
            "steps": [(verb, STEP_NAMES[verb], step_form) for verb, step_form in made.items()],
            "opened": opened,
        }
        return TemplateResponse(request, "admin/viewings/request.html", context, status=status)
