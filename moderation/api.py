"""The routes of the check and the review."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ghar import flags
from ghar.accounts.authentication import check_recent_sign_in
from ghar.api.permissions import IsAdmin, IsSignedIn
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.lib import clock
from ghar.properties.models import Property
from ghar.properties.serializers import OwnListingSerializer
from moderation import policies
from moderation.models import Case, Report
from moderation.serializers import (
    AppealInput,
    AppealSerializer,
    DecidedSerializer,
    DecideInput,
    OverriddenSerializer,
    OverrideInput,
    PrescreenSerializer,
    QueueFilters,
    QueueSerializer,
    ReportFilters,
    ReportReviewInput,
    ReportReviewSerializer,
    ReviewFilters,
    ReviewInput,
    RiskSerializer,
    SummarySerializer,
    SuspensionAppealInput,
    SuspensionAppealSerializer,
)
from moderation.services import appeals, casefile, cases, decisions, reports
from moderation.services.preview import prescreen, preview_risk
from moderation.services.summary import owner_summary
from moderation.services.verdicts import decide_any_case


class OwnRiskViewSet(ViewSet):
    """What a poster reads about the check of his own listing."""

    permission_classes = [IsSignedIn]
    acts_as_caller = True
    serializer_class = SummarySerializer

    @extend_schema(responses=SummarySerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(SummarySerializer(owner_summary(listing=self._mine(pk))).data)

    @extend_schema(request=None, responses=SummarySerializer)
    def preview(self, request: Request, pk: str) -> Response:
        listing = self._mine(pk)
        self.read_nothing()
        return Response(SummarySerializer(preview_risk(listing=listing)).data)

    @extend_schema(request=AppealInput, responses={201: AppealSerializer})
    def appeal(self, request: Request, pk: str) -> Response:
        listing = self._mine(pk)
        appeal = appeals.submit_appeal(listing=listing, by=self.caller, **self.read(AppealInput))
        return Response(AppealSerializer(appeal).data, status=201)

    def _mine(self, pk: str) -> Property:
        return self.get_one(Property.objects.manageable_by(self.caller), pk)


class SuspensionAppealViewSet(ViewSet):
    """The words of a suspended person; nobody else has anything to appeal against here."""

    permission_classes = [IsSignedIn]
    serializer_class = SuspensionAppealSerializer

    @extend_schema(request=SuspensionAppealInput, responses={201: SuspensionAppealSerializer})
    def create(self, request: Request) -> Response:
        appeal = appeals.appeal_suspension(by=self.caller, **self.read(SuspensionAppealInput))
        return Response(SuspensionAppealSerializer(appeal).data, status=201)


class CaseViewSet(ViewSet):
    """The queue of the reviewers."""

    permission_classes = [IsAdmin]
    acts_as_caller = True
    serializer_class = QueueSerializer

    @extend_schema(parameters=[QueueFilters, *PAGE], responses=QueueSerializer(many=True))
    def list(self, request: Request) -> Response:
        found = Case.objects.queue().filter(**self.read_query(QueueFilters))
        return self.page(found, QueueSerializer, order=("due_at", "id"))

    @extend_schema(request=None, responses=QueueSerializer)
    def claim(self, request: Request, pk: str) -> Response:
        case = self._case(pk)
        self.read_nothing()
        case = cases.claim_case(case=case, by=self.caller)
        return Response(QueueSerializer(case).data)

    @extend_schema(request=None, responses=QueueSerializer)
    def release(self, request: Request, pk: str) -> Response:
        case = self._case(pk)
        self.read_nothing()
        case = cases.release_case(case=case, by=self.caller)
        return Response(QueueSerializer(case).data)

    @extend_schema(request=DecideInput, responses=DecidedSerializer)
    def decide(self, request: Request, pk: str) -> Response:
        case, body = self._case(pk), self.read(DecideInput)
        if body["decision"] in policies.OVERRIDES:
            check_recent_sign_in(request)
        decide_any_case(case=case, by=self.caller, **body)
        return Response(DecidedSerializer(self._case(pk)).data)

    def _case(self, pk: str) -> Case:
        return self.get_one(Case.objects.select_related("listing", "person"), pk)


class RiskViewSet(ViewSet):
    """The whole score, and its override."""

    permission_classes = [IsAdmin]
    acts_as_caller = True
    serializer_class = RiskSerializer

    @extend_schema(responses=RiskSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(RiskSerializer(casefile.risk_detail(listing=self._listing(pk))).data)

    @extend_schema(request=OverrideInput, responses=OverriddenSerializer)
    def override(self, request: Request, pk: str) -> Response:
        check_recent_sign_in(request)
        body = self.read(OverrideInput)
        listing = decisions.override_risk(listing=self._listing(pk), by=self.caller, **body)
        return Response({"final_status": listing.status})

    def _listing(self, pk: str) -> Property:
        return self.get_one(Property.objects.all(), pk)


class ReviewViewSet(ViewSet):
    """Listings before the reviewers, decided in one step."""

    permission_classes = [IsAdmin]
    acts_as_caller = True
    serializer_class = OwnListingSerializer

    @extend_schema(parameters=[ReviewFilters, *PAGE], responses=OwnListingSerializer(many=True))
    def list(self, request: Request) -> Response:
        wanted = self.read_query(ReviewFilters).get("status")
        waiting = {"status": wanted} if wanted else {"status__in": policies.KIND_OF_STATUS}
        return self.page(self._listings().filter(**waiting), OwnListingSerializer)

    @extend_schema(request=ReviewInput, responses=OwnListingSerializer)
    def update(self, request: Request, pk: str) -> Response:
        listing = self.get_one(Property.objects.all(), pk)
        decisions.decide_listing(listing=listing, by=self.caller, **self.read(ReviewInput))
        return Response(self._moved(pk))

    def _listings(self) -> QuerySet[Property]:
        return Property.objects.for_host()

    def _moved(self, pk: str) -> dict[str, Any]:
        listing = self._listings().get(pk=pk)
        return OwnListingSerializer(listing, context=self.get_serializer_context()).data


class ReportViewSet(ViewSet):
    """What people report about each other, in the order in which it came."""

    permission_classes = [IsAdmin]
    acts_as_caller = True
    serializer_class = ReportReviewSerializer

    @extend_schema(parameters=[ReportFilters, *PAGE], responses=ReportReviewSerializer(many=True))
    def list(self, request: Request) -> Response:
        found = self._reports().filter(**self.read_query(ReportFilters))
        return self.page(found, ReportReviewSerializer, order=("created_at", "id"))

    @extend_schema(request=ReportReviewInput, responses=ReportReviewSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Decides all that waits about the same target; a repeat changes nothing."""
        report = self.get_one(self._reports(), pk)
        reports.decide_report(report=report, by=self.caller, **self.read(ReportReviewInput))
        return Response(ReportReviewSerializer(self.get_one(self._reports(), pk)).data)

    def _reports(self) -> QuerySet[Report]:
        return Report.objects.select_related("reporter", "reported", "decided_by", "listing")


class PrescreenViewSet(ViewSet):
    """The prescreen once more, of a listing of any type.

    Not in one transaction as the caller: a check must commit what it looks like before it searches.
    """

    permission_classes = [IsAdmin]
    serializer_class = PrescreenSerializer

    @extend_schema(request=None, responses={200: PrescreenSerializer})
    def create(self, request: Request, pk: str) -> Response:
        listing = self.get_one(Property.objects.all(), pk)
        self.read_nothing()
        may_hold = flags.is_on(flags.RISK_SCORING)
        found = prescreen(listing=listing, may_hold=may_hold, now=clock.now())
        return Response(PrescreenSerializer(found).data)
