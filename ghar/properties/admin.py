"""Listings and their photos as they are. Decisions about them are made on the pages of moderation."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ghar.admin import ReadOnlyAdmin
from ghar.errors import DomainError
from ghar.properties.models import (
    GeocodeJob,
    ImageJob,
    ListingArrival,
    Property,
    PropertyMedia,
    SavedSearch,
    photo_url,
)
from ghar.properties.rules import PRIVATE_FACTS
from ghar.properties.services import listings


@admin.register(Property)
class PropertyAdmin(ReadOnlyAdmin):
    list_display = ("title_or_none", "status", "owner", "city", "locality", "photos", "created_at")
    list_filter = ("status", "property_type", "purpose", "currency", "is_paused_by_moderation")
    list_select_related = ("owner",)
    search_fields = ("id__exact", "title", "city", "locality", "owner__email__iexact")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    # Looking at private facts is logged, on the case's page of moderation.
    exclude = (*PRIVATE_FACTS, "search")
    readonly_fields = ("photo_strip",)
    show_full_result_count = False
    actions = ("pause", "resume")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Property]:
        shown = Count("media", filter=Q(media__removed_at=None))
        return super().get_queryset(request).defer("search").annotate(photo_count=shown)

    def has_pause_permission(self, request: HttpRequest) -> bool:
        """Staff see the site as readers, and may still act through its verbs."""
        return bool(request.user.is_staff)

    @admin.display(description=_("listing"), ordering="title")
    def title_or_none(self, listing: Property) -> str:
        return str(listing)

    @admin.display(description=_("photos"), ordering="photo_count")
    def photos(self, listing: Property) -> int:
        return int(getattr(listing, "photo_count", 0))

    @admin.display(description=_("photos"))
    def photo_strip(self, listing: Property) -> SafeString:
        shown = listing.media.ready()
        images = [
            format_html('<img src="{}" alt="{}" width="160">', photo_url(photo.pk, "small"), photo)
            for photo in shown
        ]
        return format_html_join(" ", "{}", ((image,) for image in images))

    @admin.action(description=_("Pause until a moderator resumes it"), permissions=["pause"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Property]) -> None:
        self._each(request, queryset, listings.pause_listing)

    @admin.action(description=_("Resume"), permissions=["pause"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Property]) -> None:
        self._each(request, queryset, listings.resume_listing)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Property], verb: Callable[..., Any]
    ) -> None:
        for listing in queryset:
            try:
                verb(listing=listing, by=request.user)
            except DomainError as error:
                self.message_user(request, f"{listing}: {error.message}", messages.ERROR)
            else:
                self.message_user(request, _("%(listing)s: done") % {"listing": listing})


@admin.register(PropertyMedia)
class PropertyMediaAdmin(ReadOnlyAdmin):
    list_display = ("thumbnail", "listing_link", "category", "status", "failure", "removed_at")
    list_filter = ("status", "category")
    list_select_related = ("listing",)
    search_fields = ("id__exact", "listing__id__exact")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description=_("photo"))
    def thumbnail(self, media: PropertyMedia) -> SafeString:
        return format_html(
            '<img src="{}" alt="{}" width="80">', photo_url(media.pk, "small"), media
        )

    @admin.display(description=_("listing"))
    def listing_link(self, media: PropertyMedia) -> SafeString:
        url = reverse("admin:properties_property_change", args=[media.listing_id])
        return format_html('<a href="{}">{}</a>', url, media.listing)


@admin.register(ImageJob)
class ImageJobAdmin(ReadOnlyAdmin):
    """Pictures on their way; the dead ones have been tried five times."""

    list_display = ("id", "state", "attempts", "due_at", "media", "upload", "last_error")
    list_filter = ("state",)
    list_select_related = ("media", "upload")
    ordering = ("-id",)


@admin.register(GeocodeJob)
class GeocodeJobAdmin(ReadOnlyAdmin):
    """Places on their way to a position; the dead ones were asked for five times in vain."""

    list_display = ("id", "state", "attempts", "due_at", "subject_type", "city", "last_error")
    list_filter = ("state", "subject_type")
    ordering = ("-id",)


@admin.register(ListingArrival)
class ListingArrivalAdmin(ReadOnlyAdmin):
    """Listings whose news the saved searches have not heard; the dead ones were tried five times."""

    list_display = ("id", "state", "attempts", "due_at", "listing", "last_error")
    list_filter = ("state",)
    list_select_related = ("listing",)
    ordering = ("-id",)


@admin.register(SavedSearch)
class SavedSearchAdmin(ReadOnlyAdmin):
    """When each is told next; the dead ones were tried five times. Its filters are its owner's."""

    list_display = ("id", "state", "attempts", "due_at", "frequency", "user", "last_error")
    list_filter = ("state", "frequency")
    list_select_related = ("user",)
    fields = (*list_display[1:], "lease_until", "last_run_at", "created_at")
    ordering = ("-id",)
