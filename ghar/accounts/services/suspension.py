"""What a suspension means for an account: signed out, silent, closed but for the way out of it."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from ghar.accounts.models import User
from ghar.notifications.services.preferences import forget_devices
from ghar.realtime.services import end_streams


@transaction.atomic
def close_account(*, user: User, now: dt.datetime) -> None:
    """Of a locked account: browsers are signed out, streams end, devices fall silent.

    Tokens stay, and open nothing.
    """
    user.suspended_at = user.suspended_at or now
    user.save(update_fields=["suspended_at"])
    sign_out_browsers(user)
    forget_devices(user=user)
    end_streams(user.event_channel)


def sign_out_browsers(user: User) -> None:
    signed_in = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=signed_in.values("session_key")).delete()
    signed_in.delete()


def reopen_account(*, user: User) -> None:
    user.suspended_at = None
    user.save(update_fields=["suspended_at"])


def lock_account(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)
