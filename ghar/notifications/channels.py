"""The ways out of the site. settings.CHANNELS names those that are connected.

"email" goes through Django's mail. "console" stands in for every channel that is not connected
itself: the message is written to the log, without the address it would have gone to.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
import structlog

from ghar.notifications.models import Channel

log = structlog.get_logger(__name__)


class Message(NamedTuple):
    """`key` stays the same over retries; `route` is a path of the site or empty."""

    channel: str
    address: str
    title: str
    body: str
    route: str
    key: str
    language: str = "en"

    @property
    def url(self) -> str:
        return urljoin(settings.BASE_URL, self.route) if self.route else ""


def is_connected(channel: str) -> bool:
    return _transport(channel) is not None


def send(message: Message) -> None:
    """Hand the message over; raises whatever the transport raises when it is down."""
    transport = _transport(message.channel)
    if transport is None:
        raise LookupError(f"channel {message.channel} is not connected")
    transport(message)


def _transport(channel: str) -> Callable[[Message], None] | None:
    if channel in settings.CHANNELS and channel in _TRANSPORTS:
        return _TRANSPORTS[channel]
    return _to_console if "console" in settings.CHANNELS else None


def _to_console(message: Message) -> None:
    log.info(
        "message_out",
        channel=str(message.channel),
        title=message.title,
        body=message.body,
        url=message.url,
        key=message.key,
    )


def _by_email(message: Message) -> None:
    with translation.override(message.language):
        context = {"message": message, "grievance_contact": settings.GRIEVANCE_CONTACT}
        text = render_to_string("emails/message.txt", context)
        html = render_to_string("emails/message.html", context)
    mail = EmailMultiAlternatives(
        " ".join(message.title.split()),  # a line break in a listing's title would stop the mail
        text,
        to=[message.address],
        headers={"Message-ID": f"<{message.key}@{urlsplit(settings.BASE_URL).hostname}>"},
    )
    mail.attach_alternative(html, "text/html")
    mail.send()


_TRANSPORTS: dict[str, Callable[[Message], None]] = {Channel.EMAIL: _by_email}
