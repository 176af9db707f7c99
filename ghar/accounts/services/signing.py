"""Signing up and in, tokens, and the one place where passwords are judged."""

import datetime as dt
import hashlib
import secrets

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import ApiToken, User
from ghar.accounts.services.contacts import as_columns, read_identifier, save_contact
from ghar.accounts.services.suspension import sign_out_browsers
from ghar.api import limits
from ghar.audit.services import record
from ghar.errors import Invalid, NotAuthenticated
from ghar.lib.actors import Actor
from ghar.lib.hashes import hash_secret
from ghar.lib.phones import zone_of
from ghar.notifications.models import Channel
from ghar.notifications.services.preferences import forget_devices
from ghar.realtime.services import end_streams

PASSWORD_MAX = 128  # Argon2 is slow on purpose; nobody may make it slower
WRONG_SIGN_IN = _("These do not belong together. Please check what you typed.")
WRONG_PASSWORD = _("This is not your password.")


@transaction.atomic
def register(
    *, identifier: str, password: str, full_name: str, language: str = "en", timezone: str = ""
) -> User:
    """`timezone`: where they are, if that is known; else it is where their phone is from."""
    columns = as_columns(read_identifier(identifier))
    user = User(full_name=full_name, language=language, **columns)
    user.timezone = timezone or zone_of(columns.get("phone")) or user.timezone
    check_new_password(password, user, field="password")
    user.set_password(password)
    save_contact(user)
    return user


def sign_in(*, identifier: str, password: str) -> User:
    """The active account that these open; NotAuthenticated, RateLimited."""
    user = whose_password(identifier, password)
    if not user.is_active:
        raise NotAuthenticated(WRONG_SIGN_IN)
    return user


def whose_password(identifier: str, password: str) -> User:
    """The account that these open, active or not.

    Every try counts before it is judged, so that parallel guesses cannot outrun the limit; an
    unknown identifier counts and takes as long as a known one.
    """
    try:
        identifier = read_identifier(identifier)
    except Invalid:
        raise NotAuthenticated(WRONG_SIGN_IN) from None
    user = User.objects.with_identifier(identifier).first()
    key = str(user.pk) if user else hashlib.sha256(identifier.encode()).hexdigest()
    limits.hit("wrong_passwords", key)
    if user is None:
        User().set_password(password)
        raise NotAuthenticated(WRONG_SIGN_IN)
    if not user.check_password(password):
        raise NotAuthenticated(WRONG_SIGN_IN)
    limits.clear("wrong_passwords", key)
    return user


def make_token(
    *, identifier: str, password: str, otp: str = "", now: dt.datetime
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once."""
    user = sign_in(identifier=identifier, password=password)
    made_with_otp = _check_otp(user, otp)
    with transaction.atomic():
        _lock_unchanged(user)
        return issue_token(user=user, made_with_otp=made_with_otp, now=now)


def _lock_unchanged(user: User) -> None:
    """A new password ends the tokens that it finds; none may be made with the old one after it."""
    same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    if same.select_for_update().first() is None:
        raise NotAuthenticated(WRONG_SIGN_IN)


def issue_token(
    *, user: User, made_with_otp: bool = False, now: dt.datetime
) -> tuple[ApiToken, str]:
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        token_hash=hash_secret(secret),
        made_with_otp=made_with_otp,
        expires_at=now + dt.timedelta(days=settings.API_TOKEN_DAYS),
        created_at=now,
    )
    return token, secret


def _check_otp(user: User, otp: str) -> bool:
    """Whether a second factor was shown. An account that has one cannot do without."""
    authenticators = list(Authenticator.objects.filter(user=user))
    if not authenticators:
        return False
    limits.hit("wrong_passwords", f"otp:{user.pk}")
    if not otp or not any(one.wrap().validate_code(otp) for one in authenticators):
        message = _("Please add the code of your authenticator app.")
        raise NotAuthenticated(message, details={"otp_required": True})
    limits.clear("wrong_passwords", f"otp:{user.pk}")
    return True


@transaction.atomic
def revoke_token(*, token: ApiToken) -> None:
    token.delete()
    if not token.user.api_tokens.exists():  # no app is signed in any more
        forget_devices(user=token.user, on=Channel.PUSH)
    end_streams(token.user.event_channel)


def sign_out_everywhere(*, user: User, kept: ApiToken | None = None) -> None:
    """Tokens, streams and pushes end here; browsers' sessions ended with the password's hash."""
    others = user.api_tokens.exclude(pk=kept.pk) if kept else user.api_tokens.all()
    others.delete()
    forget_devices(user=user)  # whose they are nobody knows: each signs in to them anew
    end_streams(user.event_channel)


@transaction.atomic
def remove_second_factor(*, user: User, by: Actor, now: dt.datetime) -> None:
    """Somebody has lost it. Everywhere they sign in anew, and of staff another one is asked first."""
    Authenticator.objects.filter(user=user).delete()
    sign_out_browsers(user)
    sign_out_everywhere(user=user)
    record(by=by, action="second_factor_removed", target=user, now=now)


def check_own_password(user: User, password: str, field: str) -> None:
    limits.hit("wrong_passwords", str(user.pk))
    if not user.check_password(password):
        raise Invalid.field(field, WRONG_PASSWORD)
    limits.clear("wrong_passwords", str(user.pk))


def check_new_password(password: str, user: User, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(details={"fields": {field: error.messages}}) from None
