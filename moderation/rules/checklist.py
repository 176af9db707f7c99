"""From what admins know to what a poster may read: one table, kind words, no accusation.

Never another listing, a score, a distance or a threshold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from moderation.rules.facts import Reason
from moderation.rules.limits import DetectionSettings


@dataclass(frozen=True)
class ChecklistItem:
    """`code` is a key of MESSAGES, `field` the part of the listing to look at."""

    code: str
    message: str
    field: str

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "field": self.field}


# Admin reason code -> checklist codes.
CHECKLIST: Final[dict[str, tuple[str, ...]]] = {
    "DUPLICATE_LISTING": ("PLACE_ALREADY_LISTED",),
    "PHOTO_REUSED": ("PHOTO_SEEN_ELSEWHERE", "OWNERSHIP_REQUESTED"),
    "PRICE_OUTLIER": ("PRICE_UNUSUAL",),
    "SUSPICIOUS_PRICING": ("PRICE_UNUSUAL",),
    "THIN_LISTING": ("ADDRESS_INCOMPLETE", "CONTACT_UNVERIFIED", "PHOTO_TOO_FEW"),
    "MISSING_PHOTOS": ("PHOTO_TOO_FEW",),
    "MISSING_KEY_FIELD": ("DETAILS_INCONSISTENT",),
    "PHONE_REUSED": ("CONTACT_UNVERIFIED",),
    "CONTACT_IN_TEXT": ("TEXT_CONTACT_IN_DESCRIPTION",),
    "OFF_PLATFORM_SPAM": ("TEXT_CONTACT_IN_DESCRIPTION",),
    "SPAM_TEXT": ("TEXT_NEEDS_EDIT",),
    "COMMERCIAL_SPAM": ("TEXT_NEEDS_EDIT",),
    "DISCRIMINATORY_TEXT": ("TEXT_NEEDS_EDIT",),
    "ADULT_CONTENT": ("TEXT_NEEDS_EDIT",),
    "ILLEGAL_SUBSTANCES": ("TEXT_NEEDS_EDIT",),
    # Somebody who never shows the home may have none to show.
    "VISITS_MISSED": ("OWNERSHIP_REQUESTED",),
}
FIELDS: Final = {
    "PHOTO_TOO_FEW": "media",
    "PHOTO_SEEN_ELSEWHERE": "media",
    "PLACE_ALREADY_LISTED": "unit",
    "PRICE_UNUSUAL": "price_amount",
    "ADDRESS_INCOMPLETE": "address",
    "CONTACT_UNVERIFIED": "contact_phone",
    "TEXT_CONTACT_IN_DESCRIPTION": "description",
    "TEXT_NEEDS_EDIT": "description",
    "OWNERSHIP_REQUESTED": "evidence",
    "DETAILS_INCONSISTENT": "details",
}
MESSAGES: Final = {
    "PHOTO_TOO_FEW": ngettext_lazy(
        "Please add at least %(count)d clear photo of the room itself.",
        "Please add at least %(count)d clear photos of the room itself.",
        "count",
    ),
    "PHOTO_SEEN_ELSEWHERE": _(
        "Some photos also appear in another listing. Please add photos you took yourself, or tell "
        "us if you manage both."
    ),
    "PLACE_ALREADY_LISTED": _(
        "This address seems to be listed already. If it is another room, tell us floor and room."
    ),
    "PRICE_UNUSUAL": _(
        "The rent is unlike what we usually see nearby. Please check it, or say what it includes."
    ),
    "ADDRESS_INCOMPLETE": _(
        "Please complete the address. Where streets have no numbers, a landmark helps."
    ),
    "CONTACT_UNVERIFIED": _("Please add a phone number that reaches you."),
    "TEXT_CONTACT_IN_DESCRIPTION": _(
        "Please take phone numbers, e-mail and payment addresses out of the text. People can write "
        "to you here."
    ),
    "TEXT_NEEDS_EDIT": _("Some words of the text need another look. Please reword it."),
    "OWNERSHIP_REQUESTED": _(
        "If you like, show us that you may offer this home, for example a bill with its address. "
        "Please never send a national identity document."
    ),
    "DETAILS_INCONSISTENT": _(
        "Some details are missing or do not fit together. Please check them."
    ),
}


def checklist_for(reasons: Iterable[Reason], limits: DetectionSettings) -> list[ChecklistItem]:
    """What the poster can do about it, the heaviest reason first; hints ask for nothing."""
    codes = [
        code
        for reason in sorted(reasons, key=lambda reason: -reason.weight)
        if reason.weight > 0
        for code in _codes(reason)
    ]
    return [item(code, limits) for code in dict.fromkeys(codes)]


def item(code: str, limits: DetectionSettings) -> ChecklistItem:
    """One line in the reader's language; a stored code is worded anew for each reader."""
    message = str(MESSAGES[code] % {"count": limits.photos_expected})
    return ChecklistItem(code, message, FIELDS[code])


def _codes(reason: Reason) -> tuple[str, ...]:
    """A missing address has its own words, which accept a landmark."""
    if reason.code != "MISSING_KEY_FIELD":
        return CHECKLIST[reason.code]
    missing = set(reason.evidence["missing"])
    address = ("ADDRESS_INCOMPLETE",) if "address" in missing else ()
    return (*address, *(CHECKLIST[reason.code] if missing - {"address"} else ()))
