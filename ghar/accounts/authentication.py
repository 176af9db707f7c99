"""Who calls: by token, by a seeker session's secret, or by the cookies of a browser.

One set of finders serves the API, the pages and the event stream.
"""

import datetime as dt
import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user, update_session_auth_hash
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, parse_cookie
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from ghar.accounts.models import ApiToken, Principal, SeekerSession, User
from ghar.accounts.policies import check_is_open
from ghar.api.permissions import IsSignedIn
from ghar.errors import NotAllowed, NotAuthenticated
from ghar.lib import clock
from ghar.lib.page_sessions import SessionStore

SESSION_COOKIE = "seeker_session"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = find_token(request)
        if token is None:
            return None
        _check_is_open(token.user, request)
        return (token.user, token)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SeekerSessionAuthentication(BaseAuthentication):
    """`X-Seeker-Session: <secret>`."""

    def authenticate(self, request: Request) -> tuple[Any, SeekerSession] | None:
        secret = request.headers.get("X-Seeker-Session", "")
        if not secret:
            return None
        session = find_session(secret)
        if session is None:
            raise NotAuthenticated
        return (AnonymousUser(), session)


class PageSessionAuthentication(BaseAuthentication):
    """The cookies of our own pages; every write needs the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        caller = caller_by_cookies(request._request)
        if caller is None:
            return None
        enforce_csrf(request)
        if isinstance(caller, User):
            _check_is_open(caller, request)
            return (caller, None)
        return (AnonymousUser(), caller)


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """In this browser, after a new password that signs out all others."""
    update_session_auth_hash(request, user)
    # That gave the session another key, under which it can be listed and ended from elsewhere.
    UserSession.objects.create_from_request(request)


def remember_language(response: HttpResponse, language: str) -> None:
    """In this browser, for a year."""
    name, year = settings.LANGUAGE_COOKIE_NAME, 365 * 24 * 3600
    response.set_cookie(name, language, samesite="Lax", max_age=year)


def _check_is_open(user: User, request: Request) -> None:
    match = request._request.resolver_match
    route = match.view_name if match else ""
    check_is_open(user, method=request.method or "", route=route)


def enforce_csrf(request: Request) -> None:
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request._request)
    if check.process_view(request._request, lambda _: HttpResponse(), (), {}):
        raise NotAllowed(code="CSRF_FAILED")


def find_token(request: HttpRequest | Request) -> ApiToken | None:
    """The living token of the Authorization header; NotAuthenticated for a dead one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    alive = ApiToken.objects.alive_at(clock.now()).select_related("user")
    token = alive.with_secret(secret.strip()).first()
    if token is None:
        raise NotAuthenticated
    withheld = settings.STAFF_MFA_REQUIRED and not token.made_with_otp
    token.user.staff_rights_withheld = withheld and token.user.actor_kind == "admin"
    return token


def find_session(secret: str) -> SeekerSession | None:
    return SeekerSession.objects.open_at(clock.now()).with_secret(secret).first()


def caller_by_cookies(request: HttpRequest) -> Principal | None:
    user = request.user
    if user.is_authenticated:
        user.staff_rights_withheld = lacks_second_factor(user)
        return user
    secret = session_secret(request)
    return find_session(secret) if secret else None


def session_secret(request: HttpRequest) -> str:
    """The secret that the browser of a seeker without an account carries, or nothing."""
    return request.get_signed_cookie(SESSION_COOKIE, "", salt=SESSION_COOKIE) or ""


def lacks_second_factor(user: User) -> bool:
    """Whether this member of staff must enrol first; once enrolled, every sign-in asks for it."""
    if not settings.STAFF_MFA_REQUIRED or not user.is_active or user.actor_kind != "admin":
        return False
    # Recovery codes alone are not asked for at a sign-in.
    return not is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def principal_of_scope(scope: Any) -> Principal | None:
    """The caller of an ASGI request, for the event stream; AccountSuspended for a suspended one."""
    request = _request_of_scope(scope)
    try:
        token = find_token(request)
    except NotAuthenticated:
        return None
    caller = token.user if token else _stream_caller_by_cookies(request)
    if isinstance(caller, User):
        check_is_open(caller)
    return caller


def token_of_scope(scope: Any) -> ApiToken:
    """The token of an ASGI request that must carry one.

    Raises NotAuthenticated, or AccountSuspended for that of a suspended user.
    """
    token = find_token(_request_of_scope(scope))
    if token is None:
        raise NotAuthenticated
    check_is_open(token.user)
    return token


def _request_of_scope(scope: Any) -> HttpRequest:
    request = HttpRequest()
    names = {name.decode("latin1").upper().replace("-", "_"): v for name, v in scope["headers"]}
    request.META = {f"HTTP_{name}": value.decode("latin1") for name, value in names.items()}
    request.COOKIES = parse_cookie(request.META.get("HTTP_COOKIE", ""))
    return request


def _stream_caller_by_cookies(request: HttpRequest) -> Principal | None:
    if secret := request.headers.get("X-Seeker-Session"):
        return find_session(secret)
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    return caller_by_cookies(request)


def remember_session(response: HttpResponse, secret: str) -> None:
    """Give the browser of a seeker without an account the cookie that is its session."""
    response.set_signed_cookie(
        SESSION_COOKIE,
        secret,
        salt=SESSION_COOKIE,
        max_age=dt.timedelta(days=settings.SEEKER_SESSION_DAYS),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_session(response: HttpResponse) -> None:
    response.delete_cookie(SESSION_COOKIE, samesite="Lax")


def check_recent_sign_in(request: HttpRequest | Request) -> None:
    """For override, export and role change: staff must have signed in a moment ago.

    Raises NotAllowed (REAUTHENTICATION_REQUIRED). For a token its making counts.
    """
    if not settings.STAFF_MFA_REQUIRED or not getattr(request.user, "is_admin", False):
        return
    if _seconds_since_sign_in(request) > settings.REAUTHENTICATION_SECONDS:
        raise NotAllowed(code="REAUTHENTICATION_REQUIRED")


def _seconds_since_sign_in(request: HttpRequest | Request) -> float:
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return (clock.now() - token.created_at).total_seconds()
    # allauth notes real seconds, whatever the staging clock says.
    records = get_authentication_records(request, request.user)
    return time.time() - records[-1]["at"] if records else float("inf")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SeekerSessionScheme(OpenApiAuthenticationExtension):
    target_class = SeekerSessionAuthentication
    name = "seekerSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Seeker-Session"}

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """Not where an account is asked for."""
        permissions = auto_schema.view.get_permissions()
        needs_account = any(isinstance(permission, IsSignedIn) for permission in permissions)
        return [] if needs_account else super().get_security_requirement(auto_schema)


class PageSessionScheme(OpenApiAuthenticationExtension):
    target_class = PageSessionAuthentication
    name = "browser"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
