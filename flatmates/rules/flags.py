"""What the rules of wording found in a profile, as its owner reads it: kind, and with a way out."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

IN_KIND_WORDS: Final[dict[str, Any]] = {
    "ADULT_CONTENT": _("Please leave out what sounds like an offer for adults."),
    "ILLEGAL_SUBSTANCES": _("Please leave out what the law forbids."),
    "COMMERCIAL_SPAM": _("Please leave out advertising. This page is about living together."),
    "OFF_PLATFORM_SPAM": _("Please let the first words be exchanged here. It keeps both sides safe."),
    "DISCRIMINATORY_TEXT": _(
        "Please do not choose people by religion, caste, origin or ability. Say how you like to live."
    ),
    "CONTACT_IN_TEXT": _(
        "Please leave out phone numbers, e-mail and payment addresses. You can share them later."
    ),
    "SPAM_TEXT": _("Please write each word in one alphabet."),
}  # fmt: skip
OTHER: Final = _("Please look at your words once more. A person reads them, too.")


def in_kind_words(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(str(IN_KIND_WORDS.get(code, OTHER)) for code in codes))
