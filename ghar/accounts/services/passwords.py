"""Changing a password, and getting a new one when it is forgotten."""

import hashlib
import uuid

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ghar.accounts.models import ApiToken, User
from ghar.accounts.services.contacts import channel_of, read_identifier
from ghar.accounts.services.signing import (
    check_new_password,
    check_own_password,
    sign_out_everywhere,
)
from ghar.api import limits
from ghar.audit.services import record
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.wake import wake
from ghar.notifications.channels import Message
from ghar.notifications.services.outbox import send_secret


@transaction.atomic
def change_password(
    *, user: User, current_password: str, new_password: str, kept: ApiToken | None = None
) -> None:
    """Sets the password and signs everything out but the `kept` token."""
    check_own_password(user, current_password, "current_password")
    _set_password(user, new_password, kept=kept, action="password_changed")


def request_reset(*, identifier: str) -> None:
    """Has a link sent, if there is such an account; what the caller sees is always the same."""
    identifier = read_identifier(identifier)
    limits.hit("codes", hashlib.sha256(identifier.encode()).hexdigest())
    wake("accounts.send_reset_link", identifier)


def reset_token(user: User) -> str:
    """Opaque; dead after its use, a sign-in, or PASSWORD_RESET_TIMEOUT."""
    return f"{user.pk.hex}.{default_token_generator.make_token(user)}"


@transaction.atomic
def reset_password(*, token: str, new_password: str) -> User:
    user = find_reset(token)
    if user is None:
        raise Invalid.field("token", _("This link is used or too old. Please ask for a new one."))
    _set_password(user, new_password, action="password_reset")
    limits.clear("wrong_passwords", str(user.pk))
    return user


def find_reset(token: str) -> User | None:
    """Whose living reset token this is."""
    pk, _dot, rest = token.partition(".")
    try:
        user = User.objects.filter(pk=uuid.UUID(pk), is_active=True).first()
    except ValueError:
        return None
    return user if user and default_token_generator.check_token(user, rest) else None


def _set_password(user: User, password: str, *, action: str, kept: ApiToken | None = None) -> None:
    check_new_password(password, user, field="new_password")
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_out_everywhere(user=user, kept=kept)
    record(by=user, action=action, target=user, now=clock.now())


def mail_reset_link(identifier: str) -> None:
    """Send the link to the account of this address, if there is one that may have it."""
    user = User.objects.with_identifier(identifier).filter(is_active=True).first()
    if user is None or user.is_fictional:
        return
    token = reset_token(user)
    with translation.override(user.language):
        title = _("A new password for ghar")
        body = _("Follow the link to choose one. If you did not ask for it, do nothing.")
    send_secret(
        Message(
            channel=channel_of(identifier),
            address=identifier,
            title=title,
            body=body,
            route=f"/password/new/?token={token}",
            key=f"reset-{hashlib.sha256(token.encode()).hexdigest()[:32]}",
            language=user.language,
        )
    )
