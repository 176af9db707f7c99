"""The routes of blocks and reports."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from flatmates.serializers.safety import (
    BlockInput,
    BlockSerializer,
    ReportInput,
    ReportSerializer,
    block_answer,
    report_answer,
)
from flatmates.services.safety import report_person
from ghar.accounts.models import User
from ghar.api.permissions import IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.models import Property
from moderation.models import Block, Report
from moderation.services.blocks import block_person, unblock_person


@extend_schema_view(list=extend_schema(parameters=PAGE))
class BlockViewSet(ViewSet):
    """Whom the caller has blocked; who blocked the caller is nobody's to know."""

    queryset = Block.objects.none()
    serializer_class = BlockSerializer
    permission_classes = [IsSignedIn]
    lookup_field = "user_id"
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        mine = Block.objects.made_by(self.caller).select_related("blocked")
        return self.page(
            mine, lambda rows: [block_answer(row) for row in rows], order=("-created_at", "-id")
        )

    @extend_schema(request=BlockInput, responses={200: BlockSerializer, 201: BlockSerializer})
    def create(self, request: Request) -> Response:
        """Anybody: whoever was blocked first may block back without seeing the other."""
        target = self.get_one(User.objects.filter(is_active=True), self.read(BlockInput)["user_id"])
        is_new = not Block.objects.made_by(self.caller).filter(blocked=target).exists()
        block = block_person(target=target, by=self.caller)
        return Response(block_answer(block), status=201 if is_new else 200)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, user_id: str) -> Response:
        mine = Block.objects.made_by(self.caller).select_related("blocked")
        block = self.get_one(mine, user_id, column="blocked")
        self.read_nothing()
        unblock_person(target=block.blocked, by=self.caller)
        return Response(status=204)


class ReportViewSet(ViewSet):
    queryset = Report.objects.none()
    serializer_class = ReportSerializer
    permission_classes = [IsSignedIn]

    @extend_schema(request=ReportInput, responses={200: ReportSerializer, 201: ReportSerializer})
    def create(self, request: Request) -> Response:
        body = self.read(ReportInput)
        property_id = body["property_id"]
        report, is_new = report_person(
            by=self.caller,
            reported=self.get_one(User.objects.all(), body["reported_user_id"]),
            reason=body["reason"],
            notes=body["notes"],
            conversation_id=body["conversation_id"],
            listing=self.get_one(Property.objects.live(), property_id) if property_id else None,
        )
        return Response(report_answer(report), status=201 if is_new else 200)


router = Router()
router.register("flatmates/blocks", BlockViewSet, basename="flatmates-block")
router.register("flatmates/reports", ReportViewSet, basename="flatmates-report")
