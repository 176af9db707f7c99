from contextlib import suppress
from typing import Any

from allauth.account.signals import user_logged_in
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from ghar.accounts.authentication import forget_session, remember_language, session_secret
from ghar.accounts.models import User
from ghar.accounts.services import sessions
from ghar.errors import NotFound
from ghar.lib import clock


@receiver(user_logged_in)
def claim_session_of_browser(
    request: HttpRequest, response: HttpResponse, user: User, **_: Any
) -> None:
    """Whoever asked for a viewing first and signed in later finds it in the account."""
    secret = session_secret(request)
    if not secret:
        return
    with suppress(NotFound):  # expired, or claimed long ago
        sessions.claim_session(secret=secret, user=user, now=clock.now())
    forget_session(response)


@receiver(user_logged_in)
def speak_their_language(
    request: HttpRequest, response: HttpResponse, user: User, **_: Any
) -> None:
    """Unless another one was chosen in this browser."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        remember_language(response, user.language)
