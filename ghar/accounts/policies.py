"""What is left to somebody whose account is suspended: to read why, answer, take along and leave."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.errors import NotAllowed

SUSPENDED_PAGE: Final = "/suspended/"
# Everything else is closed, reading what everybody may read included: as a stranger one can.
PAGES_LEFT: Final = frozenset(
    {
        *("moderation:suspended", "accounts:export", "accounts:delete", "help"),
        *("accounts:login", "accounts:logout", "account_login", "account_logout"),
        *("set_language", "offline", "service-worker", "favicon", "robots", "healthz", "readyz"),
    }
)
CALLS_LEFT: Final = frozenset(
    {
        *(("POST", "api:auth-token"), ("DELETE", "api:auth-token")),
        *(("GET", "api:user-me"), ("DELETE", "api:user-me"), ("GET", "api:user-export")),
        ("POST", "api:user-appeal"),
    }
)
# moderation stands above and tells whether an appeal against the suspension can be made now.
MayAppeal = Callable[[User], bool]
_may_appeal: list[MayAppeal] = []


class AccountSuspended(NotAllowed):
    code = "ACCOUNT_SUSPENDED"
    message = _("Your account is closed for now. You can appeal, take your data along, or leave.")

    def __init__(self, user: User) -> None:
        super().__init__(details={"can_appeal": any(ask(user) for ask in _may_appeal)})


def register_appeals(may_appeal: MayAppeal) -> None:
    _may_appeal.append(may_appeal)


def check_is_open(user: User, *, method: str = "", route: str = "") -> None:
    """Raises AccountSuspended unless the account is open, or the call is among those left."""
    if user.is_suspended and (method, route) not in CALLS_LEFT:
        raise AccountSuspended(user)


def is_page_open(user: User, route: str) -> bool:
    return not user.is_suspended or route in PAGES_LEFT
