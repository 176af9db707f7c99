"""What nobody may read of somebody else, searched in every answer that a peer or a stranger gets."""

import re

from django.test import Client
from django.urls import reverse
import pytest

from flatmates.models import Profile
from flatmates.services.messages import send_message
from flatmates.services.safety import report_person
from ghar.accounts.models import User
from moderation.models import RiskScore
from tests.factories import (
    LiveListingFactory,
    PhotoFactory,
    ProfileFactory,
    ProfilePhotoFactory,
    UserFactory,
)
from tests.flatmates.pairs import enquired
from tests.flatmates.people import like, match_of
from tests.permissions.table import TABLE

pytestmark = pytest.mark.django_db

PHONE, EMAIL = "+250788424242", "canary@secret.example.org"
LATITUDE, LONGITUDE = -1.944217, 30.061913
SECRETS = {
    "phone": PHONE,
    "phone without plus": PHONE[1:],
    "e-mail": EMAIL,
    "latitude": str(LATITUDE),
    "longitude": str(LONGITUDE),
    "home town": "Canaryville",
    "LinkedIn": "linkedin.com/in/canary",
    "flag": "CANARY_FLAG",
    "review note": "A note by the canary reviewer",
    "street": "77 Canary Street",
    "flat number": "C-4242",
    "contact of the listing": "+250788434343",
    "risk": "CANARY_REASON",
    "words of a report": "The canary sang to us",
}
# The readers are 27; ages go out as a range only.
EXACT_AGE = re.compile(r'"age": ?37\b|\b37 years')
AREAS = ("flatmates:", "properties:", "api:flatmates-", "api:conversation-", "api:property-")
ROUTES = sorted(route for route, method in TABLE if method == "GET" and route.startswith(AREAS))


@pytest.fixture
def target() -> User:
    """Somebody with a home to offer and a secret in every column."""
    user = UserFactory(full_name="Canary Bird", email=EMAIL, phone=PHONE)
    ProfileFactory(
        user=user,
        age=37,
        native_place="Canaryville",
        linkedin_url="https://linkedin.com/in/canary",
        flags=["CANARY_FLAG"],
        review_note="A note by the canary reviewer",
    )
    return user


@pytest.fixture
def home(target):
    listing = LiveListingFactory(
        owner=target,
        property_type="flatmate",
        sharing_type="private_room",
        latitude=LATITUDE,
        longitude=LONGITUDE,
        address="77 Canary Street",
        unit="C-4242",
        contact_phone="+250788434343",
    )
    RiskScore.objects.create(
        listing=listing,
        owner_id=target.pk,
        risk_score=61,
        risk_level="medium",
        status="review_required",
        reasons=[{"code": "CANARY_REASON", "weight": 61, "evidence": {}}],
        content_version=1,
    )
    return listing


@pytest.fixture
def peer(target, home) -> User:
    """Likes, matches, talks, and has been reported about."""
    user = ProfileFactory(user__full_name="Paul Peer").user
    chat = match_of(user, target).conversation
    send_message(conversation=chat, by=target, body="Hello!")
    return user


@pytest.fixture
def stranger(target, home) -> User:
    """Sees the target in the deck and among the likes, and has asked about the room."""
    user = ProfileFactory(user__full_name="Stella Stranger").user
    like(target, user)
    enquired(user, home)
    return user


@pytest.fixture
def reporter(target, home) -> User:
    """Without a profile, so that nothing but the reports could name her."""
    user = UserFactory(full_name="Rita Reporter")
    report_person(by=user, reported=target, reason="spam", notes=SECRETS["words of a report"])
    report_person(
        by=user,
        reported=target,
        listing=home,
        reason="spam",
        notes=SECRETS["words of a report"],
    )
    return user


def addresses(route: str, target: User, home, chats: list) -> list[str]:
    """The route with the target's ids wherever an id belongs, and with those of the chats."""
    photo = ProfilePhotoFactory(profile=target.profile)
    listing_photo = PhotoFactory(listing=home)
    choices = [
        {},
        {"user_id": target.pk},
        {"slug": home.slug, "pk": home.pk},
        {"pk": home.pk},
        *({"pk": chat.pk} for chat in chats),
        {"step": "why"},
        {"step": "place"},
        {"upload_id": photo.upload_id, "size": "small"},
        {"pk": listing_photo.pk, "size": "small"},
        *({"pk": chat.pk, "upload_id": photo.upload_id, "size": "small"} for chat in chats),
    ]
    found = set()
    for kwargs in choices:
        try:
            found.add(reverse(route, kwargs=kwargs))
        except Exception:  # noqa: BLE001, S112 -- this route takes other words
            continue
    assert found, f"{route} takes words that this test does not know"
    return sorted(found)


def text_of(answer) -> str:
    if answer.streaming or answer.get("Content-Type", "").startswith("image/"):
        return ""
    return answer.content.decode()


@pytest.mark.parametrize("route", ROUTES)
def test_no_answer_to_others_holds_a_secret(route, target, home, peer, stranger, reporter, api):
    chats = [seat.conversation for seat in target.conversations.select_related("conversation")]
    assert len(chats) == 2
    for reader in (peer, stranger):
        client = api(reader) if route.startswith("api:") else page_client(reader)
        for address in addresses(route, target, home, chats):
            answer = client.get(address)
            assert answer.status_code < 500, address
            text = text_of(answer)
            leaks = [name for name, secret in SECRETS.items() if secret in text]
            assert leaks == [], f"{address} tells {reader} the {', '.join(leaks)}"
            assert str(reporter.pk) not in text, f"{address} names the reporter"
            assert "risk_score" not in text, f"{address} tells a score"
            assert not EXACT_AGE.search(text), f"{address} tells the age"


def page_client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_canaries_are_where_this_test_believes_them(target, home, peer, stranger, api):
    """Else the search above would find nothing for the wrong reason."""
    own = api(target).get("/api/v1/flatmates/profile").content.decode()
    for word in ("Canaryville", "A note by the canary reviewer", '"age":37'):
        assert word in own
    own_home = api(target).get(f"/api/v1/properties/{home.pk}").content.decode()
    assert all(SECRETS[name] in own_home for name in ("street", "flat number", "latitude"))
    deck = api(stranger).get("/api/v1/flatmates/likes").content.decode()
    assert str(target.pk) in deck
    chats = api(peer).get("/api/v1/flatmates/conversations").content.decode()
    assert str(target.pk) in chats
    assert Profile.objects.get(user=target).flags == ["CANARY_FLAG"]
