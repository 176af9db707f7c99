"""Everything a verb may refuse, each with a stable code and its HTTP status."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transition, Transitions

Text = str | Promise


class DomainError(Exception):
    """A refusal that a person can read. `code` is stable, `status` is the HTTP answer."""

    status = 409
    code = "CONFLICT"
    message: Text = _("This does not fit with what is there now.")

    def __init__(
        self, message: Text = "", *, code: str = "", details: dict[str, Any] | None = None
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.details = details or {}
        super().__init__(str(self.message))


class Conflict(DomainError):
    pass


class InvalidTransition(DomainError):
    code = "INVALID_TRANSITION"
    message = _("This step is not possible now.")


class SlotTaken(DomainError):
    code = "SLOT_TAKEN"
    message = _("This time has just been taken. Here are three that are free.")


class ListingNotAvailable(DomainError):
    code = "LISTING_NOT_AVAILABLE"
    message = _("This listing is not available at the moment.")


class NotAuthenticated(DomainError):
    status = 401
    code = "NOT_AUTHENTICATED"
    message = _("Please sign in first.")


class NotAllowed(DomainError):
    status = 403
    code = "NOT_ALLOWED"
    message = _("You may not do this.")


class NotFound(DomainError):
    status = 404
    code = "NOT_FOUND"
    message = _("There is nothing here, or it is not yours to see.")


class TooLarge(DomainError):
    status = 413
    code = "TOO_LARGE"
    message = _("This is larger than we can take.")


class UnsupportedMedia(DomainError):
    status = 415
    code = "UNSUPPORTED_MEDIA"
    message = _("Please send a JPEG, PNG or WebP picture.")


class Invalid(DomainError):
    """Input of the wrong shape or value. `details.fields` maps a field to its messages."""

    status = 422
    code = "VALIDATION_ERROR"
    message = _("Please check what you entered.")

    @classmethod
    def field(cls, name: str, message: Text, *, code: str = "") -> "Invalid":
        return cls(message, code=code, details={"fields": {name: [str(message)]}})


class RateLimited(DomainError):
    status = 429
    code = "RATE_LIMITED"
    message = _("That was a lot at once. Please wait a little.")

    def __init__(self, message: Text = "", *, retry_after: int = 60, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.retry_after = retry_after


class FeatureDisabled(DomainError):
    status = 503
    code = "FEATURE_DISABLED"
    message = _("This is switched off at the moment.")


class Unavailable(DomainError):
    status = 503
    code = "UNAVAILABLE"
    message = _("We cannot do this right now. Please try again in a moment.")


def is_allowed(check: Callable[..., Any], *args: Any) -> bool:
    """`can_x` of a `check_can_x`."""
    try:
        check(*args)
    except DomainError:
        return False
    return True


def require_step(
    table: Transitions, *, verb: str, source: str, actors: Iterable[str]
) -> Transition:
    """The row of `table` for this step, if one of the caller's `actors` (roles) may take it.

    Raises NotAllowed when the state allows the step but not to this caller, InvalidTransition
    with `details.allowed` (the caller's possible verbs) otherwise.
    """
    roles = set(actors)
    found = table.find(verb, source)
    if found is not None and found.actors & roles:
        return found
    if found is not None:
        raise NotAllowed
    allowed = list(dict.fromkeys(v for role in sorted(roles) for v in table.allowed(source, role)))
    raise InvalidTransition(details={"allowed": allowed})
