"""The routes of people: one's own profile, those of others, catalogs and the first call of an app."""

from collections.abc import Callable
import hashlib

from django.db import transaction
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
import orjson
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from flatmates.models import Catalog, Profile
from flatmates.rules.catalogs import catalogs
from flatmates.rules.compatibility import compare
from flatmates.serializers.people import (
    BootstrapSerializer,
    CatalogSerializer,
    CompatibilitySerializer,
    OwnProfileSerializer,
    PeerSerializer,
    ProfileChange,
    ViewInput,
    ViewSerializer,
    compatibility_answer,
    own_profile,
    peer_card,
)
from flatmates.services import photos, profile_views, profiles
from flatmates.services.overview import counts_of
from ghar.accounts.models import User
from ghar.api.permissions import Anybody, IsSignedIn
from ghar.api.routers import Router
from ghar.api.viewsets import ViewSet
from ghar.lib import clock
from ghar.lib.ids import UUID_PATTERN
from ghar.realtime.models import EventType

STREAM: str = "/api/v1/flatmates/sse"
OWN = extend_schema(request=None, responses=OwnProfileSerializer)
CHANGE = extend_schema(request=ProfileChange, responses=OwnProfileSerializer)


class FlatmatesViewSet(ViewSet):
    """The caller's own profile, and what belongs to nobody in particular."""

    serializer_class = OwnProfileSerializer

    def get_permissions(self) -> list[BasePermission]:
        return [Anybody() if self.action == "catalogs" else IsSignedIn()]

    @extend_schema(responses=BootstrapSerializer)
    @action(detail=False)
    def bootstrap(self, request: Request) -> Response:
        now = clock.now()
        profiles.touch(self.caller, now)
        counts = counts_of(self.caller, now=now)
        profile = profiles.profile_or_blank(self.caller)
        return Response(
            {
                "profile": own_profile(profile, seen_by=counts.pop("seen_by")),
                "catalogs": catalogs(Catalog.objects.all()),
                **counts,
                "realtime": {"url": STREAM, "events": EventType.values},
            }
        )

    @extend_schema(responses=CatalogSerializer(many=True))
    @action(detail=False)
    def catalogs(self, request: Request) -> HttpResponse:
        """304 where the lists are those that the caller has already, by If-None-Match."""
        lists = catalogs(Catalog.objects.all())
        digest = hashlib.sha256(orjson.dumps(lists)).hexdigest()[:32]
        etag = f'"{digest}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        response = Response(lists, headers=headers)
        known = get_conditional_response(request._request, etag=etag, response=response)
        return known or response

    @OWN
    @action(detail=False)
    def profile(self, request: Request) -> Response:
        return self._own(profiles.profile_or_blank(self.caller))

    @CHANGE
    @profile.mapping.put
    def put_profile(self, request: Request) -> Response:
        """The same as PATCH: what is left out stays."""
        return self._change()

    @CHANGE
    @profile.mapping.patch
    def patch_profile(self, request: Request) -> Response:
        return self._change()

    @OWN
    @action(detail=False, methods=["post"], url_path="profile/pause", url_name="profile-pause")
    def pause(self, request: Request) -> Response:
        return self._step(profiles.pause_profile)

    @OWN
    @action(detail=False, methods=["post"], url_path="profile/resume", url_name="profile-resume")
    def resume(self, request: Request) -> Response:
        return self._step(profiles.resume_profile)

    @extend_schema(request=ViewInput, responses={200: ViewSerializer, 201: ViewSerializer})
    @action(detail=False, methods=["post"], url_path="profile-views", url_name="profile-views")
    def view(self, request: Request) -> Response:
        body = self.read(ViewInput)
        viewed = self.get_one(User.objects.all(), body.pop("viewed_user_id"))
        view, is_new = profile_views.record_view(by=self.caller, viewed=viewed, **body)
        return Response(ViewSerializer(view).data, status=201 if is_new else 200)

    def _change(self) -> Response:
        changes = self.read(ProfileChange)
        upload_id = changes.pop("avatar_upload_id", None)
        if upload_id is None:
            return self._own(profiles.update_profile(by=self.caller, changes=changes))
        changed = photos.update_with_avatar(by=self.caller, upload_id=upload_id, changes=changes)
        return self._own(changed)

    @transaction.atomic
    def _step(self, verb: Callable[..., Profile]) -> Response:
        self.read_nothing()
        return self._own(verb(profile=profiles.profile_of(self.caller), by=self.caller))

    def _own(self, profile: Profile) -> Response:
        return Response(
            own_profile(profile, seen_by=profile_views.seen_by(self.caller, now=clock.now()))
        )


class PersonViewSet(ViewSet):
    """Other people, as far as the caller may see them; and oneself, as others do."""

    queryset = Profile.objects.all()
    serializer_class = PeerSerializer
    permission_classes = [IsSignedIn]
    lookup_field = "user_id"
    lookup_value_regex = UUID_PATTERN

    def retrieve(self, request: Request, user_id: str) -> Response:
        mine = profiles.profile_or_blank(self.caller)
        card = peer_card(self._seen(user_id), viewer_profile=mine)
        return Response(card)

    @extend_schema(responses=CompatibilitySerializer)
    @action(detail=True)
    def compatibility(self, request: Request, user_id: str) -> Response:
        mine = profiles.profile_or_blank(self.caller)
        return Response(compatibility_answer(compare(mine, self._seen(user_id))))

    def _seen(self, user_id: str) -> Profile:
        visible = Profile.objects.visible_to(self.caller).for_cards()
        return self.get_one(visible, user_id, column="user")


router = Router()
router.register("flatmates", FlatmatesViewSet, basename="flatmates")
router.register("flatmates/profiles", PersonViewSet, basename="flatmates-person")
