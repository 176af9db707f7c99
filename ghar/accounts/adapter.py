"""allauth does the pages of signing in; whom a password opens is decided by our own services."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.forms import CharField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.accounts.services import signing
from ghar.errors import NotAuthenticated, RateLimited


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": signing.WRONG_SIGN_IN,
        "phone_password_mismatch": signing.WRONG_SIGN_IN,
        "username_password_mismatch": signing.WRONG_SIGN_IN,
        "too_many_login_attempts": _("That was wrong too often. Please wait a quarter of an hour."),
    }

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """By the same verb as the API. An account about to be deleted is let through to
        pre_login, which offers to restore it."""
        names = ("email", "phone", "username")
        identifier = next((credentials[name] for name in names if credentials.get(name)), "")
        try:
            return signing.whose_password(identifier, credentials.get("password", ""))
        except NotAuthenticated:
            return None
        except RateLimited as error:
            raise self.validation_error("too_many_login_attempts") from error

    def reauthenticate(self, user: User, password: str) -> bool:
        return (
            self.authenticate(None, email=user.email, phone=user.phone, password=password) == user
        )

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("accounts:restore")

    def should_send_confirmation_mail(self, *args: Any, **kwargs: Any) -> bool:
        """Addresses are proved by our own codes, in the settings."""
        return False

    def phone_form_field(self, **kwargs: Any) -> CharField:
        return CharField(max_length=32, **kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes encrypted."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "ghar"


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [salted_hmac("accounts.mfa", "", secret=s, algorithm="sha256").digest() for s in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
