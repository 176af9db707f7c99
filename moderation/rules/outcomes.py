"""What people read when their report, or a report about them, has been decided.

Nobody learns who reported whom, and a reporter never what was done to whom.
"""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ghar.errors import Text
from moderation.states import ReportAction, ReportReason

TITLE_FOR_REPORTER: Final = gettext_lazy("Thank you for telling us")
WE_ACTED: Final = gettext_lazy(
    "We looked into what you reported, and we acted. Thank you for keeping this place safe."
)
NOTHING_FOUND: Final = gettext_lazy(
    "We looked into what you reported and found nothing against our rules. You can still block"
    " them, and please tell us if it happens again."
)

_ASKED: Final = {
    ReportReason.SPAM: gettext_lazy(
        "Please use this site to find a home or people to share one with, not to advertise."
    ),
    ReportReason.FAKE_PROFILE: gettext_lazy(
        "Please describe yourself and your place as they are, with photos of your own."
    ),
    ReportReason.ABUSE: gettext_lazy(
        "Please be kind to the people you write to: no threats, no insults, no pressure."
    ),
    ReportReason.INAPPROPRIATE: gettext_lazy(
        "Please keep sexual and hurtful content out of your profile, listings and messages."
    ),
    ReportReason.OTHER: gettext_lazy("Please read our page about staying safe: /help/safety/"),
}


def message_for_person(action: str, reasons: Iterable[str]) -> str:
    """The words for whom a warning or a suspension is meant, in the language that is active."""
    asked = [str(_ASKED[reason]) for reason in ReportReason if reason in set(reasons)]
    if action == ReportAction.WARN_USER:
        first = _("Our team has looked at what you do here and asks you to change something.")
        last = _("If it goes on, we may have to close your account.")
    else:
        first = _("What you did here is against our rules, so your account is closed for now.")
        last = _("If you see it differently, sign in and tell us: somebody else will read it.")
    return "\n".join([first, *asked, last])


def outcome_for_reporter(action: str) -> Text:
    return NOTHING_FOUND if action == ReportAction.DISMISS else WE_ACTED
