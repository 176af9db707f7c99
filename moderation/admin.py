"""The console: a queue of cases, a page for each, and read-only records."""

from typing import Any, Final, cast
import uuid

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
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

from ghar.accounts.authentication import check_recent_sign_in
from ghar.accounts.models import User
from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.formats import format_distance_in_time
from ghar.lib.guards import read_uuid
from moderation import policies
from moderation.forms import DecisionForm, LiftForm, SanctionForm
from moderation.models import (
    AllowPair,
    Appeal,
    Block,
    Case,
    Decision,
    Fingerprint,
    ListingCheck,
    PhotoHash,
    Report,
    RiskScore,
)
from moderation.rules.scoring import level_of
from moderation.services import (
    casefile,
    cases,
    decisions,
    personfile,
    reportfile,
    verdicts,
)
from moderation.services.decisions import UNDO_WINDOW
from moderation.services.facts import detection_limits
from moderation.states import CaseKind, CaseStatus

_DECIDED: Final = {
    CaseKind.APPEAL.value: _("Decided. The person is told."),
    CaseKind.DISPUTE.value: _("Decided. The person is told."),
    CaseKind.REPORT.value: _("Done. Whom it concerns is told."),
}
_CAN_BE_UNDONE: Final = _("Decided. For a minute you can undo it on its page.")


class OpenFilter(admin.SimpleListFilter):
    """Open cases unless something else is asked for."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        others = [choice for choice in CaseStatus.choices if choice[0] != CaseStatus.OPEN]
        return [*others, ("all", _("all"))]

    def choices(self, changelist: ChangeList) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": CaseStatus.OPEN.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or CaseStatus.OPEN)


class UrgencyFilter(admin.SimpleListFilter):
    title = _("urgency")
    parameter_name = "urgency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("overdue")), ("mine", _("held by me")), ("free", _("held by nobody"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Case]:
        now = clock.now()
        if self.value() == "overdue":
            return queryset.overdue(now)
        if self.value() == "mine":
            return queryset.filter(claimed_by=reviewer(request), claimed_until__gt=now)
        if self.value() == "free":
            return queryset.exclude(claimed_until__gt=now)
        return queryset


def reviewer(request: HttpRequest) -> User:
    """The admin's guard lets nobody else in."""
    return cast("User", request.user)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("target", "kind", "risk", "why", "people", "age", "due", "holder", "status")
    list_filter = (OpenFilter, UrgencyFilter, "kind")
    list_select_related = ("listing", "person", "claimed_by")
    search_fields = ("listing__title", "listing__city", "=listing__id", "=person__id")
    ordering = ("due_at", "id")
    list_per_page = 50
    change_list_template = "admin/moderation/queue.html"

    @admin.display(description=_("risk"), ordering="risk_score")
    def risk(self, case: Case) -> SafeString:
        level = level_of(case.risk_score, detection_limits())
        return format_html('<span class="risk risk--{}">{}</span>', level, case.risk_score)

    @admin.display(description=_("reasons"))
    def why(self, case: Case) -> str:
        return ", ".join(case.reasons) or "-"

    @admin.display(description=_("reported by"), ordering="reporters")
    def people(self, case: Any) -> str:
        if not policies.is_about_reports(case):
            return ""
        by = ngettext("%(n)s person", "%(n)s people", case.reporters or 0)
        words = by % {"n": case.reporters or 0}
        return f"{words}, {_('out of sight')}" if case.is_target_paused else words

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return Case.objects.with_reporters()

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, case: Case) -> str:
        return format_distance_in_time(case.created_at, clock.now())

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, case: Case) -> SafeString:
        now = clock.now()
        words = format_distance_in_time(case.due_at, now)
        is_late = policies.is_open(case) and case.due_at < now
        return format_html('<span class="{}">{}</span>', "late" if is_late else "", words)

    @admin.display(description=_("held by"))
    def holder(self, case: Case) -> str:
        return str(case.claimed_by) if case.is_claimed_at(clock.now()) else ""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "claim": self.claim,
            "release": self.release,
            "decide": self.decide,
            "reveal": self.reveal,
            "evidence": self.evidence,
        }
        own = [
            path(f"<id:pk>/{name}/", self._guarded(view), name=f"moderation_case_{name}")
            for name, view in views.items()
        ]
        return [
            path("start/", self._guarded(self.start), name="moderation_case_start"),
            path("undo/<id:pk>/", self._guarded(self.undo), name="moderation_decision_undo"),
            *own,
            *super().get_urls(),
        ]

    def _guarded(self, view: Any) -> Any:
        return self.admin_site.admin_view(require_POST(view))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._case(request, read_uuid(object_id)))

    def start(self, request: HttpRequest) -> HttpResponse:
        """The most urgent case that nobody holds."""
        case = cases.next_case(by=reviewer(request))
        if case is None:
            messages.info(request, _("Nothing waits for you. Well done."))
            return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))
        return self._to(case)

    def claim(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return self._step(request, pk, cases.claim_case)

    def release(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return self._step(request, pk, cases.release_case)

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        case = self._case(request, pk)
        form = DecisionForm(request.POST, case=case)
        if not form.is_valid():
            return self._page(request, case, form=form, status=422)
        if form.cleaned_data["decision"] in policies.OVERRIDES:
            check_recent_sign_in(request)
        try:
            self._decide(request, case, form)
        except DomainError as error:
            form.add_error(None, str(error.message))
            return self._page(request, self._case(request, pk), form=form, status=error.status)
        if form.cleaned_data["and_next"]:
            return self.start(request)
        return self._to(case)

    def undo(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        decision = get_object_or_404(Decision.objects.select_related("case", "listing"), pk=pk)
        try:
            decisions.undo_decision(decision=decision, by=reviewer(request))
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Undone. Nobody was told."))
        if decision.case is None:
            return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))
        return self._to(decision.case)

    def reveal(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show address, position and phone; who looked is in the audit."""
        case = self._case(request, pk)
        if case.listing is None:
            raise Http404
        facts = casefile.reveal_facts(case=case, by=reviewer(request), now=clock.now())
        return self._page(request, case, private_facts=facts)

    def evidence(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        case = self._case(request, pk)
        try:
            found = reportfile.open_evidence(case=case, by=reviewer(request), now=clock.now())
        except DomainError as error:
            messages.error(request, str(error.message))
            return self._to(case)
        return self._page(request, case, evidence=found)

    def _decide(self, request: HttpRequest, case: Case, form: DecisionForm) -> None:
        by = reviewer(request)
        verdicts.decide_any_case(case=case, by=by, undo_window=UNDO_WINDOW, **form.answers())
        messages.success(request, _DECIDED.get(case.kind, _CAN_BE_UNDONE))

    def _step(self, request: HttpRequest, pk: uuid.UUID, verb: Any) -> HttpResponse:
        case = self._case(request, pk)
        try:
            verb(case=case, by=reviewer(request))
        except DomainError as error:
            messages.error(request, str(error.message))
        return self._to(case)

    def _case(self, request: HttpRequest, pk: uuid.UUID) -> Case:
        found = Case.objects.select_related(
            "listing__owner", "listing__cover", "person", "claimed_by"
        )
        return get_object_or_404(found, pk=pk)

    def _to(self, case: Case) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:moderation_case_change", args=[case.pk]))

    def _page(
        self,
        request: HttpRequest,
        case: Case,
        *,
        form: DecisionForm | None = None,
        private_facts: Any = (),
        evidence: Any = (),
        status: int = 200,
    ) -> HttpResponse:
        now = clock.now()
        decided = Decision.objects.filter(listing=case.listing_id).standing()
        last = decided.select_related("decided_by").first()
        subject = self._subject(request, case)
        context = {
            **self.admin_site.each_context(request),
            **subject,
            "opts": self.opts,
            "title": f"{case.get_kind_display()}: {case.target}",
            "case": case,
            "form": form or DecisionForm(case=case, score=subject.get("score")),
            "verdicts": policies.verdicts_for(case),
            "is_open": policies.is_open(case),
            "is_claimed": case.is_claimed_at(now),
            "is_mine": case.is_claimed_at(now) and case.claimed_by_id == request.user.pk,
            "last": last,
            "can_undo": last is not None and policies.can_undo(last, reviewer(request), now),
            "private_facts": private_facts,
            "refused": form,
        }
        template = "person.html" if case.listing is None else "case.html"
        if policies.is_about_reports(case):
            template = "report.html"
            context |= reportfile.page_of(case) | {"evidence": evidence}
        return TemplateResponse(request, f"admin/moderation/{template}", context, status=status)

    def _subject(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        """What is known of the listing, or else of the person, and their last appeal."""
        if case.listing is None or policies.is_about_reports(case):
            page = personfile.page_of(case.person_behind, by=reviewer(request), now=clock.now())
            return page | {"sanction_form": SanctionForm(), "lift_form": LiftForm()}
        appeal = Appeal.objects.filter(listing=case.listing).order_by("-created_at").first()
        return casefile.page_of(case.listing) | {"appeal": appeal}


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """The words stay as they were written; the evidence is opened on the page of the case alone."""

    list_display = ("created_at", "reason", "reported", "reporter", "status", "action")
    list_filter = ("status", "reason", "action")
    list_select_related = ("reported", "reporter")
    search_fields = ("=reported__id", "=reporter__id", "=listing__id")
    exclude = ("evidence", "content_mark")
    ordering = ("-created_at",)


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "blocker", "blocked")
    list_select_related = ("blocker", "blocked")
    search_fields = ("=blocker__id", "=blocked__id")
    ordering = ("-created_at",)


@admin.register(RiskScore)
class RiskScoreAdmin(ReadOnlyAdmin):
    list_display = (
        "listing",
        "risk_score",
        "risk_level",
        "status",
        "content_version",
        "updated_at",
    )
    list_filter = ("risk_level", "status")
    list_select_related = ("listing",)
    search_fields = ("=listing__id", "listing__title")
    ordering = ("-updated_at",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "listing", "verdict", "decided_by", "reason_codes", "undone_at")
    list_filter = ("verdict",)
    list_select_related = ("listing", "decided_by")
    search_fields = ("=listing__id", "listing__title")
    ordering = ("-decided_at",)


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "listing", "status", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("listing", "decided_by")
    ordering = ("-created_at",)


@admin.register(AllowPair)
class AllowPairAdmin(ReadOnlyAdmin):
    list_display = ("first", "second", "made_by", "created_at")
    list_select_related = ("first", "second", "made_by")
    ordering = ("-created_at",)


@admin.register(Fingerprint)
class FingerprintAdmin(ReadOnlyAdmin):
    list_display = ("listing", "version", "geo_cell", "price_bucket", "created_at")
    list_select_related = ("listing",)
    search_fields = ("=listing__id", "=fingerprint_hash")
    ordering = ("-created_at",)


@admin.register(PhotoHash)
class PhotoHashAdmin(ReadOnlyAdmin):
    list_display = (
        *("phash", "listing", "is_low_information", "is_common", "algo_version", "created_at"),
    )
    list_filter = ("is_common",)
    list_select_related = ("listing",)
    search_fields = ("=phash", "=listing__id")
    exclude = ("ph256",)
    ordering = ("-created_at",)


@admin.register(ListingCheck)
class ListingCheckAdmin(ReadOnlyAdmin):
    """Dead rows are listings that could not be checked: a person decides them in the queue."""

    list_display = (
        *("listing", "state", "due_at", "attempts", "risk_score", "risk_status", "last_error"),
    )
    list_filter = ("state", "risk_status")
    list_select_related = ("listing",)
    ordering = ("-created_at",)
