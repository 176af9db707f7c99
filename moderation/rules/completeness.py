"""What a listing leaves out."""

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings


def completeness_reasons(listing: ListingFacts, limits: DetectionSettings) -> list[Reason]:
    """The seed's rule (no address, no phone, one photo) is medium; each gap alone is a note."""
    if thin := thin_reasons(listing, limits):
        return thin
    gaps = []
    if listing.photo_count < limits.photos_expected:
        gaps.append(few_photos(listing.photo_count, limits, limits.completeness_warning_weight))
    missing = [
        name for name in ("title", "description", "city", "address") if not getattr(listing, name)
    ]
    if missing:
        gaps.append(missing_fields(missing, limits))
    return gaps


def thin_reasons(listing: ListingFacts, limits: DetectionSettings) -> list[Reason]:
    if listing.address or listing.phone_hash is not None or listing.photo_count > 1:
        return []
    return [
        Reason(
            code="THIN_LISTING",
            family=Family.COMPLETENESS,
            weight=limits.thin_listing_weight,
            message=_("No address, no phone and %(count)d photo(s).")
            % {"count": listing.photo_count},
            evidence={"missing": ["address", "contact_phone"], "photo_count": listing.photo_count},
        )
    ]


def few_photos(count: int, limits: DetectionSettings, weight: int) -> Reason:
    return Reason(
        code="MISSING_PHOTOS",
        family=Family.COMPLETENESS,
        weight=weight,
        message=_("%(count)d photo(s), at least %(expected)d are usual.")
        % {"count": count, "expected": limits.photos_expected},
        evidence={"photo_count": count, "expected": limits.photos_expected},
    )


def missing_fields(missing: list[str], limits: DetectionSettings) -> Reason:
    return Reason(
        code="MISSING_KEY_FIELD",
        family=Family.COMPLETENESS,
        weight=limits.completeness_warning_weight,
        message=_("Not filled in: %(fields)s.") % {"fields": ", ".join(missing)},
        evidence={"missing": missing},
    )
