"""The private link of a seeker without an account: /v/<token>/.

Signed over request, recipient and the moment it was written, with the request's own nonce in the
salt: a new nonce makes every older link void. Following it shows; only a POST acts, because mail
scanners follow links too.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
import datetime as dt
from typing import NamedTuple
import uuid

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from ghar.accounts.models import Principal, SeekerSession
from ghar.errors import NotFound
from ghar.lib import rls
from viewings.models import ViewingEvent, ViewingRequest

PURPOSE = "viewing"


class Followed(NamedTuple):
    """An opened link: whose it is, what it is about, when it was written."""

    session: SeekerSession
    viewing: ViewingRequest
    written_at: dt.datetime


def write_token(viewing: ViewingRequest, *, now: dt.datetime) -> str:
    ids = [viewing.pk, viewing.seeking_principal.pk]
    payload = ".".join([*(_encode(pk.bytes) for pk in ids), f"{int(now.timestamp()):x}"])
    return _signer(viewing.link_nonce).sign(payload)


def read_token(token: str) -> Followed:
    """NotFound for whatever is not a link that we wrote and that still counts."""
    try:
        viewing_id, session_id, written = token.rpartition(":")[0].split(".")
        session = SeekerSession.objects.get(pk=_decode(session_id))
        with rls.acting_for(session):
            viewing = ViewingRequest.objects.for_detail().get(
                pk=_decode(viewing_id), seeker_session=session
            )
        _signer(viewing.link_nonce).unsign(token)
        return Followed(session, viewing, dt.datetime.fromtimestamp(int(written, 16), dt.UTC))
    except (
        ValueError,
        BadSignature,
        SeekerSession.DoesNotExist,
        ViewingRequest.DoesNotExist,
    ) as error:
        raise NotFound from error


def link_path(viewing: ViewingRequest, *, now: dt.datetime) -> str:
    return reverse("viewings:link", kwargs={"token": write_token(viewing, now=now)})


def route_for(viewing: ViewingRequest, principal: Principal, *, now: dt.datetime) -> str:
    """Where a message leads its reader: who has no account cannot sign in on another device."""
    if isinstance(principal, SeekerSession):
        return link_path(viewing, now=now)
    return viewing.get_absolute_url()


def changes_since(followed: Followed) -> list[ViewingEvent]:
    """What has happened since the link was written, for a reader who comes late."""
    # The signature knows whole seconds; what was written with the link is no news.
    after = followed.written_at + dt.timedelta(seconds=1)
    return list(followed.viewing.events.shown_to(followed.session).filter(created_at__gt=after))


def _signer(nonce: uuid.UUID) -> Signer:
    return Signer(salt=f"{PURPOSE}:{nonce}")


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=urlsafe_b64decode(text + "=="))
