"""The routes of listings and their pictures."""

from collections.abc import Callable
from typing import Final
import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from ghar.api import limits
from ghar.api.permissions import Anybody, IsSignedIn
from ghar.api.routers import Router
from ghar.api.schema import PAGE
from ghar.api.viewsets import ViewSet
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.models import Property, SavedListing, SavedSearch, SavedSearchQuerySet
from ghar.properties.policies import roles_of
from ghar.properties.search import check_price_has_one_meaning, order_of, search_listings
from ghar.properties.serializers import (
    ListingChange,
    ListingInput,
    OwnListingSerializer,
    PhotoInput,
    PhotoOrderInput,
    PictureState,
    PublicListingSerializer,
    SavedSearchChange,
    SavedSearchInput,
    SavedSearchSerializer,
    SearchInput,
    ShortlistInput,
    ShortlistSerializer,
    UploadInput,
    public_answers,
    public_rows,
    shortlist_answers,
)
from ghar.properties.services import listings, media, saved

OWN: Final = extend_schema(request=None, responses=OwnListingSerializer)


@extend_schema_view(
    list=extend_schema(parameters=[SearchInput, *PAGE]),
    mine=extend_schema(parameters=PAGE, responses=OwnListingSerializer(many=True)),
    create=extend_schema(request=ListingInput, responses={201: OwnListingSerializer}),
    partial_update=extend_schema(request=ListingChange, responses=OwnListingSerializer),
    submit=extend_schema(request=None, responses={202: OwnListingSerializer}),
    pause=OWN,
    resume=OWN,
    renew=OWN,
    withdraw=OWN,
)
class PropertyViewSet(ViewSet):
    """Listings: found by everybody while live, handled by their posters."""

    queryset = Property.objects.all()
    serializer_class = PublicListingSerializer
    lookup_value_regex = UUID_PATTERN

    def get_permissions(self) -> list[BasePermission]:
        return [Anybody() if self.action in ("list", "retrieve") else IsSignedIn()]

    def list(self, request: Request) -> Response:
        filters = self.read_query(SearchInput)
        found = search_listings(filters)
        check_price_has_one_meaning(found, filters)
        order = order_of(filters.get("sort", ""))
        return self.page(public_rows(found), public_answers, order=order)

    def retrieve(self, request: Request, pk: str) -> Response:
        """Live to everybody; in every status to its owner and staff."""
        visible = Property.objects.visible_to(self.caller)
        listing = self.get_one(public_rows(visible), pk)
        if self.caller is not None and roles_of(listing, self.caller):
            return self._own(listing)
        return Response(public_answers([listing])[0])

    @action(detail=False)
    def mine(self, request: Request) -> Response:
        """As on the page of the host: without the drafts that were put away."""
        mine = Property.objects.owned_by(self.caller).not_discarded()
        return self.page(mine.for_host(), OwnListingSerializer)

    def create(self, request: Request) -> Response:
        listing = listings.create_listing(by=self.caller, **self.read(ListingInput))
        return self._own(listing, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self.read(ListingChange)
        return self._own(listings.edit_listing(listing=self._mine(pk), by=self.caller, **changes))

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self._step(listings.submit_listing, pk, status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        return self._step(listings.pause_listing, pk)

    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        return self._step(listings.resume_listing, pk)

    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        return self._step(listings.renew_listing, pk)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._step(listings.withdraw_listing, pk)

    @extend_schema(request={"multipart/form-data": PhotoInput}, responses={202: PictureState})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def media(self, request: Request, pk: str) -> Response:
        listing = self._mine(pk)
        body = self.read(PhotoInput)
        limits.hit("uploads", str(self.caller.pk))
        photo = media.add_photo(listing=listing, by=self.caller, **body)
        return Response(PictureState(photo).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=PhotoOrderInput, responses=OwnListingSerializer)
    @action(detail=True, methods=["put"], url_path="media/order")
    def order_media(self, request: Request, pk: str) -> Response:
        listing = self._mine(pk)
        body = self.read(PhotoOrderInput)
        return self._own(media.order_photos(listing=listing, by=self.caller, **body))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path=f"media/(?P<media_id>{UUID_PATTERN})")
    def remove_media(self, request: Request, pk: str, media_id: str) -> Response:
        listing = self._mine(pk)
        self.read_nothing()
        media.remove_photo(listing=listing, media_id=uuid.UUID(media_id), by=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _mine(self, pk: str) -> Property:
        return self.get_one(Property.objects.manageable_by(self.caller), pk)

    def _step(
        self, verb: Callable[..., Property], pk: str, answer: int = status.HTTP_200_OK
    ) -> Response:
        listing = self._mine(pk)
        self.read_nothing()
        return self._own(verb(listing=listing, by=self.caller), answer)

    def _own(self, listing: Property, answer: int = status.HTTP_200_OK) -> Response:
        fresh: QuerySet[Property] = Property.objects.for_host()
        serializer = OwnListingSerializer(
            fresh.get(pk=listing.pk), context=self.get_serializer_context()
        )
        return Response(serializer.data, status=answer)


class UploadViewSet(ViewSet):
    """Pictures of a person: attachments, avatars, evidence."""

    permission_classes = [IsSignedIn]
    parser_classes = [MultiPartParser]
    serializer_class = PictureState

    @extend_schema(request={"multipart/form-data": UploadInput}, responses={202: PictureState})
    def create(self, request: Request) -> Response:
        body = self.read(UploadInput)
        limits.hit("uploads", str(self.caller.pk))
        upload = media.add_upload(by=self.caller, **body)
        return Response(PictureState(upload).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(
    list=extend_schema(parameters=PAGE),
    create=extend_schema(request=SavedSearchInput, responses={201: SavedSearchSerializer}),
    partial_update=extend_schema(request=SavedSearchChange),
    destroy=extend_schema(request=None, responses={204: None}),
)
class SavedSearchViewSet(ViewSet):
    """Searches that the caller keeps, with when to tell what is new."""

    queryset = SavedSearch.objects.all()
    permission_classes = [IsSignedIn]
    serializer_class = SavedSearchSerializer
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        return self.page(self._mine().with_news(), SavedSearchSerializer)

    def create(self, request: Request) -> Response:
        search = saved.save_search(by=self.caller, **self.read(SavedSearchInput))
        return self._answer_with(search, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        search = self.get_one(self._mine(), pk)
        changes = self.read(SavedSearchChange)
        return self._answer_with(saved.change_search(search=search, by=self.caller, **changes))

    def destroy(self, request: Request, pk: str) -> Response:
        search = self.get_one(self._mine(), pk)
        self.read_nothing()
        saved.delete_search(search=search, by=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _mine(self) -> SavedSearchQuerySet:
        return SavedSearch.objects.of(self.caller)

    def _answer_with(self, search: SavedSearch, answer: int = status.HTTP_200_OK) -> Response:
        fresh = self._mine().with_news().get(pk=search.pk)
        return Response(SavedSearchSerializer(fresh).data, status=answer)


@extend_schema_view(
    list=extend_schema(parameters=PAGE),
    update=extend_schema(request=ShortlistInput),
    destroy=extend_schema(request=None, responses={204: None}),
)
class ShortlistViewSet(ViewSet):
    """The caller's shortlist; a place that is no longer live stays, without what it says now."""

    queryset = SavedListing.objects.all()
    permission_classes = [IsSignedIn]
    serializer_class = ShortlistSerializer
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        return self.page(SavedListing.objects.of(self.caller), shortlist_answers)

    def update(self, request: Request, pk: str) -> Response:
        listing = self.get_one(SavedListing.objects.listings_for(self.caller), pk)
        row = saved.save_listing(listing=listing, by=self.caller, **self.read(ShortlistInput))
        return Response(shortlist_answers([row])[0])

    def destroy(self, request: Request, pk: str) -> Response:
        row = self.get_one(SavedListing.objects.of(self.caller), pk, column="listing")
        self.read_nothing()
        saved.unsave_listing(listing_id=row.listing_id, by=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)


router = Router()
router.register("properties", PropertyViewSet, basename="property")
router.register("uploads", UploadViewSet, basename="upload")
router.register("saved/searches", SavedSearchViewSet, basename="saved-search")
router.register("saved/listings", ShortlistViewSet, basename="saved-listing")
