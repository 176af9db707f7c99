"""The ways out of the site.

"email" in settings.CHANNELS goes through Django's mail, a channel in settings.APPRISE_URLS through
Apprise, browser push by itself once there is a VAPID key. "console" in settings.CHANNELS stands in
for the others: the message is written to the log, without the address it would have gone to.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
import hashlib
from ipaddress import ip_address
import socket
import time
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import Truncator
import http_ece
import jwt
import orjson
import structlog
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from ghar.lib.text import find_emails, find_phones
from ghar.notifications.models import LOUD, Channel

log = structlog.get_logger(__name__)

PREVIEW = 120
PUSH_TTL = 24 * 60 * 60
VAPID_LIFE = 12 * 60 * 60
PUSH_TIMEOUT = 10.0
GONE = (404, 410)


class Gone(Exception):
    """There is nobody at this address any more, and there never will be."""


class NotDelivered(Exception):
    """The channel did not take the message; the words name no address."""


class Attachment(NamedTuple):
    name: str
    content: bytes
    mimetype: str


class Message(NamedTuple):
    """`key` stays the same over retries; `route` is a path of the site or empty. An e-mail alone
    brings the attachment along.
    """

    channel: str
    address: str
    title: str
    body: str
    route: str
    key: str
    language: str = "en"
    attachment: Attachment | None = None

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
    if channel == Channel.WEB_PUSH:
        return _by_web_push if settings.VAPID_PRIVATE_KEY or settings.DEBUG else None
    if channel == Channel.EMAIL and channel in settings.CHANNELS:
        return _by_email
    if channel in settings.APPRISE_URLS:
        return _by_apprise
    return _to_console if "console" in settings.CHANNELS else None


def preview(message: Message) -> str:
    """What may stand on a locked screen or in a text message: a little, and never a contact."""
    if find_emails(message.body) or find_phones(message.body, settings.MARKETS):
        return ""
    return Truncator(message.body).chars(PREVIEW)


def _to_console(message: Message) -> None:
    log.info(
        "message_out",
        channel=str(message.channel),
        title=message.title,
        body=preview(message) if message.channel in LOUD else message.body,
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
    if message.attachment:
        mail.attach(*message.attachment)
    mail.send()


def _by_apprise(message: Message) -> None:
    from apprise import Apprise  # noqa: PLC0415 -- a hundred services, for whoever has set one

    url = settings.APPRISE_URLS[message.channel].replace(
        "{address}", quote(message.address, safe="")
    )
    service = Apprise()
    words = "\n".join(part for part in (preview(message), message.url) if part)
    if not service.add(url) or not service.notify(title=message.title, body=words):
        raise NotDelivered(f"the service of {message.channel} did not take it")


# --- Browser push: RFC 8030 (sending), 8291 (encryption), 8292 (who sends) --------------------------
class _PublicConnection(HTTPSConnection):
    """Reaches no server of our own network, whatever a name of somebody's choice resolves to."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if not (settings.DEBUG or ip_address(connected.getpeername()[0]).is_global):
            connected.close()
            raise NotDelivered("the push service is on a private network")
        return connected


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


def has_valid_key() -> bool:
    """Whether settings.VAPID_PRIVATE_KEY, if there is one, can be used."""
    try:
        _vapid_key()
    except ValueError:
        return False
    return len(unb64(settings.VAPID_PRIVATE_KEY)) in (0, 32)


def wrong_urls() -> list[str]:
    """The entries of settings.APPRISE_URLS that lead nowhere."""
    known = set(Channel) - {Channel.IN_APP, Channel.WEB_PUSH}
    return [
        name
        for name, url in settings.APPRISE_URLS.items()
        if name not in known or "://" not in url or "{address}" not in url
    ]


def is_public_endpoint(endpoint: str) -> bool:
    """Whether the address may be a push service's: https, and with DEBUG off no private host."""
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or not host or parts.username is not None:
        return False
    return settings.DEBUG or _is_public_host(host)


def _is_public_host(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        _, dot, domain = host.rstrip(".").rpartition(".")
        # A number in the last place is an address in one of its odd spellings.
        return (
            bool(dot) and domain[:1].isalpha() and domain not in {"localhost", "local", "internal"}
        )


def vapid_public_key() -> str:
    """What browsers need to subscribe; empty where browser push is not connected."""
    return _b64(_point(_vapid_key())) if is_connected(Channel.WEB_PUSH) else ""


def _vapid_key() -> ec.EllipticCurvePrivateKey:
    if settings.VAPID_PRIVATE_KEY:
        number = unb64(settings.VAPID_PRIVATE_KEY)
    else:  # development: as lasting as the secret that make run keeps in var/
        number = hashlib.sha256(b"vapid" + settings.SECRET_KEY.encode()).digest()
    return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())


def _by_web_push(message: Message) -> None:
    subscription = orjson.loads(message.address)
    endpoint = urlsplit(subscription["endpoint"])
    note = {
        "title": message.title,
        "body": preview(message),
        "route": message.route,
        "tag": message.key,
    }
    status = _post(endpoint, _encrypted(note, subscription["keys"]))
    if status in GONE:
        raise Gone
    if not 200 <= status < 300:
        raise NotDelivered(f"{endpoint.hostname} answered {status}")


def _encrypted(note: dict[str, Any], keys: dict[str, str]) -> bytes:
    return http_ece.encrypt(
        orjson.dumps(note),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=unb64(keys["p256dh"]),
        auth_secret=unb64(keys["auth"]),
        version="aes128gcm",
    )


def _post(endpoint: Any, body: bytes) -> int:
    headers = {
        "Authorization": _vapid(f"{endpoint.scheme}://{endpoint.netloc}"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(PUSH_TTL),
    }
    path = endpoint._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        with _PublicPool(
            endpoint.hostname, endpoint.port, timeout=PUSH_TIMEOUT, retries=False
        ) as pool:
            return pool.urlopen("POST", path, body=body, headers=headers, redirect=False).status
    except HTTPError as error:  # its words would name the endpoint, which is the whole secret
        raise NotDelivered(f"{endpoint.hostname}: {type(error).__name__}") from None


def _vapid(audience: str) -> str:
    key = _vapid_key()
    claims = {
        "aud": audience,
        # The push service's time: the clock of staging may run a week ahead.
        "exp": int(time.time()) + VAPID_LIFE,
        "sub": f"mailto:{settings.GRIEVANCE_CONTACT}",
    }
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={_b64(_point(key))}"


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """base64url with or without its padding; ValueError for anything else."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
