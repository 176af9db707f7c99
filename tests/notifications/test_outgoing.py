"""Browser push and Apprise, each against a server that really receives."""

import datetime as dt

from cryptography.hazmat.primitives.asymmetric import ec
import jwt
import orjson
import pytest

from ghar.models import DueState
from ghar.notifications import channels
from ghar.notifications.models import Channel, Delivery, Device, NotificationType, Purpose
from ghar.notifications.services import lines, outbox, preferences
from tests.factories import UserFactory
from tests.notifications.push_service import Browser, Service, running, write_certificate

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
DEVICES = "/api/v1/notifications/devices"


@pytest.fixture
def push_service(settings, tmp_path, monkeypatch):
    """The loopback is a private address, so DEBUG is on; TLS and its check are real."""
    settings.DEBUG, settings.CHANNELS = True, []
    settings.VAPID_PRIVATE_KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
    certificate = write_certificate(tmp_path / "service.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running(Service(certificate)) as service:
        yield service


@pytest.fixture
def browser(push_service, api, seeker):
    """The seeker's, with notifications allowed and messages chosen."""
    browser = Browser(f"https://127.0.0.1:{push_service.port}/push/abc?d=1")
    answer = api(seeker).post(DEVICES, {"platform": "web", "subscription": browser.subscription})
    assert answer.status_code == 201
    preferences.set_channels(principal=seeker, choices={"web_push": {"messages": True}})
    return browser


def tell(reader, body="See you at ten.", purpose=Purpose.MESSAGES):
    kind = NotificationType.NEW_MESSAGE
    told = lines.Line(reader, kind, "Peter wrote to you", "/chats/1/", body)
    lines.notify(told, now=NOON, purpose=purpose)
    outbox.send_due_deliveries(now=NOON)
    return Delivery.objects.get()


def test_a_push_is_read_by_the_browser_alone(push_service, browser, seeker):
    delivery = tell(seeker)
    assert delivery.state == DueState.DONE
    ((path, headers, body),) = push_service.received
    assert (path, headers["Content-Encoding"], headers["TTL"]) == (
        "/push/abc?d=1",
        "aes128gcm",
        "86400",
    )
    assert b"Peter" not in body
    assert browser.read(body) == {
        "title": "Peter wrote to you",
        "body": "See you at ten.",
        "route": "/chats/1/",
        "tag": delivery.key,
    }


def test_the_push_service_can_tell_who_sends(push_service, browser, seeker, settings):
    tell(seeker)
    scheme, token, key = push_service.received[0][1]["Authorization"].replace(",", "").split()
    assert (scheme, key) == ("vapid", f"k={channels.vapid_public_key()}")
    public = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), channels.unb64(key.removeprefix("k="))
    )
    audience = f"https://127.0.0.1:{push_service.port}"
    claims = jwt.decode(token.removeprefix("t="), public, algorithms=["ES256"], audience=audience)
    assert claims["sub"] == f"mailto:{settings.GRIEVANCE_CONTACT}"


@pytest.mark.parametrize("body", ["Call me: +250 788 123 456", "write to peter@example.org"])
def test_a_push_carries_no_contact(push_service, browser, seeker, body):
    tell(seeker, body)
    assert browser.read(push_service.received[0][2])["body"] == ""


def test_a_push_carries_a_preview_only(push_service, browser, seeker):
    tell(seeker, "word " * 90)
    assert len(browser.read(push_service.received[0][2])["body"]) == channels.PREVIEW


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_ended_is_forgotten(push_service, browser, seeker, status):
    push_service.status = status
    assert tell(seeker).state == DueState.SKIPPED
    assert not Device.objects.exists()


@pytest.mark.parametrize("status", [301, 401, 429, 500])
def test_a_push_service_that_refuses_is_asked_again(push_service, browser, seeker, status):
    push_service.status = status
    delivery = tell(seeker)
    assert delivery.state == DueState.DUE
    assert delivery.last_error == f"NotDelivered: 127.0.0.1 answered {status}"
    assert Device.objects.exists()


def test_one_browser_that_is_down_does_not_silence_the_other(push_service, browser, seeker):
    away = browser.subscription | {"endpoint": "https://127.0.0.1:9/secret-path"}
    token = orjson.dumps(away).decode()
    Device.objects.create(user=seeker, platform="web", token=token)
    delivery = tell(seeker)
    assert len(push_service.received) == 1
    assert delivery.state == DueState.DUE
    assert delivery.last_error.startswith("NotDelivered: 127.0.0.1:")
    assert "secret" not in delivery.last_error


def test_a_name_that_leads_into_our_own_network_is_not_followed(
    push_service, browser, seeker, settings
):
    settings.DEBUG = False
    delivery = tell(seeker)
    assert delivery.last_error == "NotDelivered: the push service is on a private network"
    assert push_service.received == []


@pytest.mark.parametrize("reader", [{"is_fictional": True}, {"is_active": False}])
def test_no_device_of_whom_we_may_not_write_to_hears_anything(push_service, browser, reader):
    reader = UserFactory(**reader)
    Device.objects.update(user=reader)
    preferences.set_channels(principal=reader, choices={"web_push": {"messages": True}})
    tell_nobody = preferences.opted_in_channels(reader, Purpose.MESSAGES)
    assert tell_nobody == []


def test_without_a_key_browser_push_is_not_connected(settings):
    assert (channels.is_connected(Channel.WEB_PUSH), channels.vapid_public_key()) == (False, "")
    settings.DEBUG = True
    assert len(channels.unb64(channels.vapid_public_key())) == 65


@pytest.fixture
def phone_reader():
    return UserFactory(email=None, phone="+250788123456", phone_verified=True, timezone="UTC")


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM])
def test_apprise_delivers_to_the_address(settings, phone_reader, channel):
    preferences.set_channels(principal=phone_reader, choices={channel: {"messages": True}})
    with running(Service()) as gateway:
        gateway.status = 200
        settings.CHANNELS = []
        settings.APPRISE_URLS = {channel: f"json://127.0.0.1:{gateway.port}/{{address}}"}
        delivery = tell(phone_reader)
    assert (delivery.state, delivery.channel) == (DueState.DONE, channel)
    ((path, _headers, body),) = gateway.received
    assert path.rstrip("/") in {"/+250788123456", "/%2B250788123456"}
    sent = orjson.loads(body)
    assert sent["title"] == "Peter wrote to you"
    assert sent["message"] == "See you at ten.\nhttp://127.0.0.1:8000/chats/1/"


def test_a_gateway_that_refuses_is_asked_again(settings, phone_reader, capfd):
    preferences.set_channels(principal=phone_reader, choices={"sms": {"messages": True}})
    with running(Service()) as gateway:
        gateway.status = 500
        settings.CHANNELS = []
        settings.APPRISE_URLS = {"sms": f"json://127.0.0.1:{gateway.port}/{{address}}"}
        delivery = tell(phone_reader)
    assert delivery.state == DueState.DUE
    assert delivery.last_error == "NotDelivered: the service of sms did not take it"
    assert "250788123456" not in "".join(capfd.readouterr())
