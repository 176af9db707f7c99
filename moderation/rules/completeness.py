"""What a listing leaves out."""

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings


def completeness_reasons(listing: ListingFacts, limits: DetectionSettings) -> list[Reason]:
    """The seed's rule (no address, no phone, one photo) is medium; each gap alone is a note."""
    has_phone = listing.phone_hash is not None
    if not listing.address and not has_phone and listing.photo_count <= 1:
        return [_thin(listing, limits)]
    gaps = []
    if listing.photo_count < limits.photos_expected:
        gaps.append(_few_photos(listing, limits))
    missing = [
        name for name in ("title", "description", "city", "address") if not getattr(listing, name)
    ]
    if missing:
        gaps.append(_missing_fields(missing, limits))
    return gaps


def _thin(listing: ListingFacts, limits: DetectionSettings) -> Reason:
    return Reason(
        code="THIN_LISTING",
        family=Family.COMPLETENESS,
        weight=limits.thin_listing_weight,
        message=_("No address, no phone and %(count)d photo(s).") % {"count": listing.photo_count},
        evidence={"missing": ["address", "contact_phone"], "photo_count": listing.photo_count},
    )


def _few_photos(listing: ListingFacts, limits: DetectionSettings) -> Reason:
    return Reason(
        code="MISSING_PHOTOS",
        family=Family.COMPLETENESS,
        weight=limits.completeness_warning_weight,
        message=_("%(count)d photo(s), at least %(expected)d are usual.")
        % {"count": listing.photo_count, "expected": limits.photos_expected},
        evidence={"photo_count": listing.photo_count, "expected": limits.photos_expected},
    )


def _missing_fields(missing: list[str], limits: DetectionSettings) -> Reason:
    return Reason(
        code="MISSING_KEY_FIELD",
        family=Family.COMPLETENESS,
        weight=limits.completeness_warning_weight,
        message=_("Not filled in: %(fields)s.") % {"fields": ", ".join(missing)},
        evidence={"missing": missing},
    )
