"""What drf-spectacular cannot see: the errors that every route may answer, and the idempotency key."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from ghar.api.serializers import ErrorSerializer
from ghar.api.viewsets import WRITES

READ_ERRORS = (400, 401, 403, 404, 405, 406, 409, 422, 429, 503)
WRITE_ERRORS = (*READ_ERRORS, 413, 415)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and body replays the first answer for 24 hours.",
)
# What every list reads besides its own filters, see ghar.api.pages.
PAGE = [
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int),
    OpenApiParameter("include_total", bool),
]


class KeysetPages:
    """What the schema says of a page, see ghar.api.pages."""

    def get_paginated_response_schema(self, items: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "items": items,
                "next_cursor": {"type": ["string", "null"]},
                "has_more": {"type": "boolean"},
                "limit": {"type": "integer"},
                "total": {"type": "integer"},
            },
            "required": ["items", "next_cursor", "has_more", "limit"],
        }

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        return []  # they are among PAGE


class AutoSchema(SpectacularSchema):
    def _get_paginator(self) -> KeysetPages | None:
        """Whatever takes a cursor answers pages."""
        is_paged = any(parameter in PAGE for parameter in self.get_override_parameters())
        return KeysetPages() if is_paged else None

    def get_override_parameters(self) -> list[Any]:
        remembers = getattr(self.view, "remembers_keys", False)
        return [IDEMPOTENCY_KEY] if remembers and self.method in WRITES else []

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in WRITE_ERRORS if self.method in WRITES else READ_ERRORS:
            bodies.setdefault(
                str(status), self._get_response_for_code(ErrorSerializer, str(status))
            )
        return bodies
