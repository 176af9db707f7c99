"""Notifications, devices and channels over the API."""

import uuid

import pytest

from ghar.notifications.models import Device
from tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/flatmates/notifications"
DEVICES = "/api/v1/notifications/devices"
CHANNELS = "/api/v1/users/me/channels"

SUBSCRIPTION = {
    "endpoint": "https://push.example/abc",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


def test_a_reader_sees_the_own_lines_newest_first(api, seeker, outsider):
    lines = [NotificationFactory(user=seeker) for _ in range(3)]
    NotificationFactory(user=outsider)
    body = api(seeker).get(LIST).json()
    assert [item["id"] for item in body["items"]] == [str(line.pk) for line in reversed(lines)]
    assert set(body["items"][0]) == {
        *("id", "type", "title", "body", "is_read", "route", "created_at")
    }


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(api, seeker, count, django_assert_num_queries):
    for _ in range(count):
        NotificationFactory(user=seeker)
    client = api(seeker)
    with django_assert_num_queries(2):
        client.get(LIST)


def test_one_line_is_read_and_unread(api, seeker):
    line = NotificationFactory(user=seeker)
    for is_read in (True, False):
        response = api(seeker).put(f"{LIST}/{line.pk}", {"is_read": is_read})
        assert response.status_code == 200
        assert response.json()["is_read"] is is_read


def test_all_lines_are_read(api, seeker):
    for _ in range(3):
        NotificationFactory(user=seeker)
    assert api(seeker).put(LIST).json() == {"read": 3}
    assert {item["is_read"] for item in api(seeker).get(LIST).json()["items"]} == {True}


@pytest.mark.parametrize("pk", ["someone", "nobody"])
def test_a_line_of_somebody_else_is_not_found(api, seeker, outsider, pk):
    line = NotificationFactory(user=seeker)
    known = {"someone": line.pk, "nobody": uuid.uuid4()}[pk]
    response = api(outsider).put(f"{LIST}/{known}", {"is_read": True})
    assert response.status_code == 404
    line.refresh_from_db()
    assert not line.is_read


def test_a_server_owned_field_is_refused(api, seeker):
    line = NotificationFactory(user=seeker)
    response = api(seeker).put(f"{LIST}/{line.pk}", {"is_read": True, "title": "x"})
    assert response.status_code == 422


def test_nobody_is_asked_to_sign_in(api):
    assert api().get(LIST).status_code == 401


def test_a_session_reads_its_own(api, seeker_session):
    NotificationFactory(user=None, session=seeker_session)
    assert len(api(seeker_session).get(LIST).json()["items"]) == 1


def test_a_device_is_registered_and_given_up_by_its_owner_only(api, seeker, outsider):
    response = api(seeker).post(DEVICES, {"platform": "android", "token": "abc"})
    assert response.status_code == 201
    address = f"{DEVICES}/{response.json()['id']}"
    assert api(outsider).delete(address).status_code == 404
    assert api(seeker).delete(address).status_code == 204
    assert Device.objects.count() == 0


def test_a_device_belongs_to_whoever_signed_in_last(api, seeker, outsider):
    for user in (seeker, outsider):
        api(user).post(DEVICES, {"platform": "ios", "token": "abc"})
    assert Device.objects.get().user == outsider


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"platform": "web", "subscription": SUBSCRIPTION}, 201),
        ({"platform": "web", "subscription": SUBSCRIPTION | {"expirationTime": None}}, 201),
        ({"platform": "web", "subscription": {"endpoint": "https://push.example/x"}}, 422),
        ({"platform": "web", "subscription": SUBSCRIPTION | {"keys": {"auth": "AAAA"}}}, 422),
        ({"platform": "web", "subscription": SUBSCRIPTION | {"more": 1}}, 422),
        ({"platform": "web", "token": "abc"}, 422),
        ({"platform": "android"}, 422),
        ({"platform": "fax", "token": "abc"}, 422),
    ],
)
def test_each_platform_has_its_own_address(api, seeker, body, status):
    assert api(seeker).post(DEVICES, body).status_code == status


def test_default_channels_are_email_for_viewings_and_moderation(api, seeker):
    body = api(seeker).get(CHANNELS).json()
    on = {(c, p) for c, purposes in body.items() for p, is_on in purposes.items() if is_on}
    assert on == {
        *(("in_app", purpose) for purpose in ("messages", "viewings", "moderation", "marketing")),
        ("email", "viewings"),
        ("email", "moderation"),
    }


def test_a_choice_is_kept_and_the_others_stay(api, seeker):
    body = api(seeker).put(CHANNELS, {"email": {"viewings": False, "marketing": True}}).json()
    assert body["email"] == {
        "messages": False,
        "viewings": False,
        "moderation": True,
        "marketing": True,
    }
    assert api(seeker).get(CHANNELS).json() == body


@pytest.mark.parametrize(
    "choice",
    [{"in_app": {"viewings": False}}, {"pigeon": {"viewings": True}}, {"email": {"spam": True}}],
)
def test_wrong_choices_are_refused(api, seeker, choice):
    assert api(seeker).put(CHANNELS, choice).status_code == 422


@pytest.mark.parametrize("depth", [300, 900])
def test_a_subscription_as_no_browser_makes_it_is_refused(api, seeker, depth):
    nested: dict = {}
    for _ in range(depth):
        nested = {"a": nested}
    body = {"platform": "web", "subscription": SUBSCRIPTION | {"keys": nested}}
    assert api(seeker).post("/api/v1/notifications/devices", body).status_code == 422


def test_a_token_is_measured_in_bytes(api, seeker):
    wide = "".join(chr(0x1F300 + n % 700) for n in range(1000))
    body = {"platform": "ios", "token": wide}
    assert api(seeker).post("/api/v1/notifications/devices", body).status_code == 422


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/abc",
        "https://127.0.0.1/abc",
        "https://[::1]/abc",
        "https://[::ffff:10.0.0.1]/abc",
        "https://10.0.0.1/abc",
        "https://169.254.169.254/latest",
        "https://2130706433/abc",
        "https://0x7f.1/abc",
        "https://localhost/abc",
        "https://db.internal/abc",
        "https://redis/abc",
        "https://push.example:port/abc",
        "https://user@push.example/abc",
        "https:///abc",
        "abc",
    ],
)
def test_a_subscription_leads_to_no_server_of_our_own_network(api, seeker, endpoint):
    body = {"platform": "web", "subscription": SUBSCRIPTION | {"endpoint": endpoint}}
    assert api(seeker).post(DEVICES, body).status_code == 422


def test_the_same_subscription_is_the_same_device(api, seeker):
    body = {"platform": "web", "subscription": SUBSCRIPTION}
    ids = {api(seeker).post(DEVICES, body).json()["id"] for _ in range(2)}
    assert len(ids) == 1


def test_of_too_many_devices_the_oldest_are_forgotten(api, seeker, outsider):
    api(outsider).post(DEVICES, {"platform": "ios", "token": "somebody else's"})
    for number in range(12):
        api(seeker).post(DEVICES, {"platform": "ios", "token": f"token {number}"})
    kept = Device.objects.filter(user=seeker).order_by("pk").values_list("token", flat=True)
    assert list(kept) == [f"token {number}" for number in range(2, 12)]
    assert Device.objects.filter(user=outsider).count() == 1


@pytest.mark.parametrize("end", ["", "/"])
def test_each_address_is_the_one_of_the_contract(api, seeker, end):
    line = NotificationFactory(user=seeker)
    client = api(seeker)
    assert client.get(f"{LIST}{end}").status_code == 200
    assert client.put(f"{LIST}{end}").status_code == 200
    assert client.put(f"{LIST}/{line.pk}{end}", {"is_read": True}).status_code == 200
    made = client.post(f"{DEVICES}{end}", {"platform": "ios", "token": "abc"})
    assert made.status_code == 201
    assert client.delete(f"{DEVICES}/{made.json()['id']}{end}").status_code == 204
    assert client.get(f"{CHANNELS}{end}").status_code == 200
    assert client.put(f"{CHANNELS}{end}", {}).status_code == 200
