"""What an app needs for the safety of a visit: a link for a friend, help, proof of who came."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api.permissions import IsSignedIn
from ghar.api.routers import Router
from ghar.lib import clock
from moderation.serializers import DisputeInput
from visits.api.visits import VisitAnswers
from visits.rules.safety import helplines
from visits.serializers import (
    ArrivalCodeSerializer,
    ArrivalInput,
    CheckInSerializer,
    ShareSerializer,
    VisitSerializer,
)
from visits.services import reliability, safety


class VisitSafetyViewSet(VisitAnswers):
    """For the people of a visit; our team is none of them."""

    permission_classes = [IsSignedIn]

    @extend_schema(methods=["post"], request=None, responses={201: ShareSerializer})
    @extend_schema(methods=["delete"], request=None, responses={204: None})
    # The answer holds a secret: it is not kept for a retry.
    @action(detail=True, methods=["post", "delete"], remembers_keys=False)
    def share(self, request: Request, pk: str) -> Response:
        """A link for a friend, shown once; an earlier one of the caller's is void."""
        self.read_nothing()
        visit = self._one(pk)
        if request.method == "DELETE":
            safety.stop_sharing(visit=visit, by=self.caller)
            return Response(status=204)
        url, until = safety.share_visit(visit=visit, by=self.caller)
        return Response(ShareSerializer({"url": url, "expires_at": until}).data, status=201)

    @extend_schema(methods=["get"], responses=CheckInSerializer)
    @extend_schema(methods=["post"], request=None, responses=CheckInSerializer)
    @action(detail=True, methods=["get", "post"], url_path="check-in")
    def check_in(self, request: Request, pk: str) -> Response:
        """POST says "I am well", to nobody else; GET tells where help is, and tells nobody."""
        self.read_nothing()
        visit = self._one(pk)
        if request.method == "POST":
            safety.check_in(visit=visit, by=self.caller)
        answer = {
            "well_at": safety.well_at(visit, by=self.caller),
            "helplines": [line._asdict() for line in helplines(visit.listing.currency)],
        }
        return Response(CheckInSerializer(answer).data)

    @extend_schema(methods=["get"], responses=ArrivalCodeSerializer)
    @extend_schema(methods=["post"], request=ArrivalInput, responses=VisitSerializer)
    @action(detail=True, methods=["get", "post"])
    def arrival(self, request: Request, pk: str) -> Response:
        """GET: the caller's own code. POST: the code that the other side shows."""
        visit = self._one(pk)
        if request.method == "GET":
            code = safety.own_code(visit, by=self.caller, now=clock.now())
            return Response(ArrivalCodeSerializer({"code": code}).data)
        safety.prove_arrival(visit=visit, by=self.caller, **self.read(ArrivalInput))
        return self._answer_with(pk)

    @extend_schema(request=DisputeInput, responses=VisitSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, pk: str) -> Response:
        """Object within a week to what is held against the caller; or else say that the other side
        did not come, from a quarter past the start and for a week. NOT_DISPUTABLE if neither is open.
        """
        visit = self._one(pk)
        reliability.dispute_outcome(visit=visit, by=self.caller, **self.read(DisputeInput))
        return self._answer_with(pk)


router = Router()
router.register("visits", VisitSafetyViewSet, basename="visit-safety")
