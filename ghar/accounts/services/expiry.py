"""What has had its time goes: codes, tokens, sessions of browsers, contacts of who has no account."""

import datetime as dt
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from ghar.accounts.models import ApiToken, SeekerSession, VerificationCode

# A code that is over still says for a while how often it was tried.
CODES_KEPT: Final = dt.timedelta(days=1)
# Longer than anything can be agreed on ahead: until it is over the other side can reach them.
CONTACTS_KEPT: Final = dt.timedelta(days=180)


def forget_expired(*, now: dt.datetime) -> None:
    VerificationCode.objects.expired_by(now - CODES_KEPT).delete()
    ApiToken.objects.expired_by(now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    standing = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=standing).delete()
    SeekerSession.objects.expired_by(now - CONTACTS_KEPT).forget_contacts()
