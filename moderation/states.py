"""Words of the review: cases, decisions, appeals."""

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transitions, row


class RiskLevel(models.TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class RiskStatus(models.TextChoices):
    OK = "ok", _("no objection")
    REVIEW_REQUIRED = "review_required", _("a person should look")
    HOLD = "hold", _("held")


class CaseKind(models.TextChoices):
    HOLD = "hold", _("held listing")
    REVIEW = "review", _("new listing")
    REPORT = "report", _("report")
    APPEAL = "appeal", _("appeal")
    PHOTO = "photo", _("photo")
    DISPUTE = "dispute", _("dispute")


class CaseStatus(models.TextChoices):
    OPEN = "open", _("open")
    DECIDED = "decided", _("decided")
    CLOSED = "closed", _("no longer needed")


MODERATOR, SYSTEM = "moderator", "system"

CASE_TRANSITIONS = Transitions(
    row("decide", [CaseStatus.OPEN], CaseStatus.DECIDED, [MODERATOR]),
    row("close", [CaseStatus.OPEN], CaseStatus.CLOSED, [SYSTEM]),
    row("undo", [CaseStatus.DECIDED], CaseStatus.OPEN, [MODERATOR]),
)


class Verdict(models.TextChoices):
    """What a moderator decided."""

    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")
    REQUEST_EDIT = "request_edit", _("Ask for changes")
    HOLD = "hold", _("Hold")
    ALLOW = "allow", _("Allow")
    UPHOLD = "uphold", _("Uphold")
    OVERTURN = "overturn", _("Overturn")

    @property
    def effect(self) -> Any:
        """What becomes of a listing, for whoever is about to decide."""
        return EFFECTS.get(self, "")


EFFECTS: Final = {
    Verdict.APPROVE: _("It goes live, and the host hears so."),
    Verdict.REQUEST_EDIT: _("It goes back to the host, who reads what to change."),
    Verdict.REJECT: _("It is not published; the host reads why and can appeal."),
    Verdict.HOLD: _("It stays out of sight until a person decides."),
    Verdict.ALLOW: _("The check is overruled, and it goes on to review."),
}


class AppealStatus(models.TextChoices):
    OPEN = "open", _("waiting for a second reviewer")
    UPHELD = "upheld", _("the decision stands")
    OVERTURNED = "overturned", _("the decision was changed")


APPEAL_TRANSITIONS = Transitions(
    row("uphold", [AppealStatus.OPEN], AppealStatus.UPHELD, [MODERATOR]),
    row("overturn", [AppealStatus.OPEN], AppealStatus.OVERTURNED, [MODERATOR]),
)


class ReasonCode(models.TextChoices):
    """Why, for the eyes of admins alone; moderation.rules.checklist turns them into kind words."""

    DUPLICATE_LISTING = "DUPLICATE_LISTING"
    PHOTO_REUSED = "PHOTO_REUSED"
    PRICE_OUTLIER = "PRICE_OUTLIER"
    THIN_LISTING = "THIN_LISTING"
    SPAM_TEXT = "SPAM_TEXT"
    CONTACT_IN_TEXT = "CONTACT_IN_TEXT"
    PHONE_REUSED = "PHONE_REUSED"
    DISCRIMINATORY_TEXT = "DISCRIMINATORY_TEXT"
    MISSING_PHOTOS = "MISSING_PHOTOS"
    MISSING_KEY_FIELD = "MISSING_KEY_FIELD"
    SUSPICIOUS_PRICING = "SUSPICIOUS_PRICING"
    ADULT_CONTENT = "ADULT_CONTENT"
    ILLEGAL_SUBSTANCES = "ILLEGAL_SUBSTANCES"
    COMMERCIAL_SPAM = "COMMERCIAL_SPAM"
    OFF_PLATFORM_SPAM = "OFF_PLATFORM_SPAM"
    VISITS_MISSED = "VISITS_MISSED"


class ReportReason(models.TextChoices):
    SPAM = "spam", _("Spam or advertising")
    FAKE_PROFILE = "fake_profile", _("Not a real person or place")
    ABUSE = "abuse", _("Threats, insults or harassment")
    INAPPROPRIATE = "inappropriate", _("Sexual or otherwise unfitting")
    OTHER = "other", _("Something else")


class ReportStatus(models.TextChoices):
    OPEN = "open", _("open")
    REVIEWED = "reviewed", _("reviewed")
    DISMISSED = "dismissed", _("dismissed")
    ACTIONED = "actioned", _("acted upon")


# Nobody has said what follows; somebody may have looked.
UNDECIDED_REPORTS = frozenset({ReportStatus.OPEN, ReportStatus.REVIEWED})


class ReportAction(models.TextChoices):
    DISMISS = "dismiss", _("Nothing wrong")
    WARN_USER = "warn_user", _("Warn")
    SUSPEND_USER = "suspend_user", _("Suspend")
    ESCALATE = "escalate", _("Escalate")


REPORT_TRANSITIONS = Transitions(
    row("dismiss", [ReportStatus.OPEN, ReportStatus.REVIEWED], ReportStatus.DISMISSED, [MODERATOR]),
    row(
        "warn_user", [ReportStatus.OPEN, ReportStatus.REVIEWED], ReportStatus.ACTIONED, [MODERATOR]
    ),
    row(
        "suspend_user",
        [ReportStatus.OPEN, ReportStatus.REVIEWED],
        ReportStatus.ACTIONED,
        [MODERATOR],
    ),
    # Looked at, and handed to somebody with more say.
    row("escalate", [ReportStatus.OPEN], ReportStatus.REVIEWED, [MODERATOR]),
)


class SanctionKind(models.TextChoices):
    WARNING = "warning", _("warning")
    SUSPENSION = "suspension", _("suspension")


class Presence(models.TextChoices):
    """What one side did about a time that was agreed."""

    KEPT = "kept", _("kept")
    MISSED = "missed", _("did not come")
    CANCELLED_LATE = "cancelled_late", _("called off at the last moment")
    CANCELLED = "cancelled", _("called off in good time")


class DisputeKind(models.TextChoices):
    """What somebody says about an attendance."""

    RECORD = "record", _("what is written down of them is wrong")
    ABSENCE = "absence", _("they did not come")
