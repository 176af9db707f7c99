"""The private feed: its address is made by its owner, and read by whoever holds it."""

import hashlib

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api.negotiation import AnyAccept
from ghar.api.permissions import Anybody, IsSignedIn
from ghar.api.viewsets import ViewSet
from ghar.calendar.serializers import FeedSerializer
from ghar.calendar.services import feed
from ghar.lib import clock


class FeedKeyViewSet(ViewSet):
    permission_classes = [IsSignedIn]
    serializer_class = FeedSerializer
    # The answer holds a secret: it is not kept for a retry.
    remembers_keys = False

    @extend_schema(request=None, responses={201: FeedSerializer})
    def create(self, request: Request) -> Response:
        self.read_nothing()
        return Response({"url": feed.make_feed(user=self.caller, now=clock.now())}, status=201)

    def destroy(self, request: Request) -> Response:
        self.read_nothing()
        feed.close_feed(user=self.caller)
        return Response(status=204)


class FeedViewSet(ViewSet):
    """The key is the permission: calendar programs send no token."""

    authentication_classes = ()
    permission_classes = [Anybody]
    content_negotiation_class = AnyAccept

    @extend_schema(
        parameters=[OpenApiParameter("key", str, required=True)],
        responses={(200, "text/calendar"): OpenApiTypes.STR},
    )
    def retrieve(self, request: Request) -> HttpResponse:
        body = feed.read_feed(key=request.query_params.get("key", ""), now=clock.now())
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        response = HttpResponse(body, content_type="text/calendar", headers={"ETag": etag})
        return get_conditional_response(request._request, etag=etag, response=response) or response
