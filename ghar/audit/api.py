from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api.permissions import IsAdmin
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.audit.models import AuditEvent
from ghar.audit.serializers import AuditEventSerializer, AuditFilters

# Query parameter to column.
COLUMNS = {"actor": "actor_id", "action": "action", "target": "target_id"}


class AuditViewSet(ViewSet):
    """Who did what, newest first. Nobody can change it."""

    permission_classes = [IsAdmin]
    serializer_class = AuditEventSerializer

    @extend_schema(parameters=[AuditFilters, *PAGE], responses=AuditEventSerializer(many=True))
    def list(self, request: Request) -> Response:
        wanted = {COLUMNS[name]: value for name, value in self.read_query(AuditFilters).items()}
        return self.page(AuditEvent.objects.filter(**wanted), AuditEventSerializer)
