"""The routes of people: one's own profile, others' cards, catalogs, the first call."""

import pytest

from flatmates.models import Catalog, Profile, ProfileView
from moderation.models import Block
from tests.factories import LiveListingFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

BASE = "/api/v1/flatmates"
COMPLETE = {"mode": "co_hunter", "city": "Kigali", "age": 27, "onboarding_completed": True}
CANARY = {
    "age": 93,
    "native_place": "Canaryville",
    "linkedin_url": "https://example.org/canary",
    "flags": ["CONTACT_IN_TEXT"],
    "review_note": "Canary note",
    "cell_geohash": "canary",
    "cell_latitude": -1.23456,
    "cell_longitude": 30.65432,
}
SECRETS = [
    ":93",
    "anary",
    "CONTACT_IN_TEXT",
    "1.23456",
    "30.65432",
    "+250788999888",
    "bird@example.org",
]


@pytest.fixture
def peer():
    user = UserFactory(full_name="Bella Bird", email="bird@example.org", phone="+250788999888")
    return ProfileFactory(user=user, **CANARY)


# --- One's own ------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_complete_profile_is_active_at_once(api, seeker, method):
    response = getattr(api(seeker), method)(f"{BASE}/profile", COMPLETE)
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["status_label"], body["missing"]) == ("active", "Visible", [])
    assert body["allowed_actions"] == ["edit", "pause"]


@pytest.mark.parametrize("route", ["profile", "bootstrap"])
def test_reading_makes_no_profile(api, seeker, route):
    body = api(seeker).get(f"{BASE}/{route}").json()
    assert (body.get("profile") or body)["profile_status"] == "draft"
    assert not Profile.objects.exists()


def test_what_is_left_out_stays(api, seeker):
    app = api(seeker)
    app.put(f"{BASE}/profile", COMPLETE | {"bio": "Quiet."})
    body = app.put(f"{BASE}/profile", {"age": 30}).json()
    assert (body["age"], body["bio"], body["status"]) == (30, "Quiet.", "active")


def test_the_owner_reads_what_was_found_in_kind_words_and_what_is_missing(api, seeker):
    body = api(seeker).patch(f"{BASE}/profile", {"bio": "Call +250 788 123 456"}).json()
    assert body["flags"] == [
        "Please leave out phone numbers, e-mail and payment addresses. You can share them later."
    ]
    assert body["missing"] == ["mode", "city", "age", "onboarding_completed"]
    first = body["completeness"]["missing"][0]
    assert (first["field"], first["url"]) == ("mode", "/welcome/why/")


@pytest.mark.parametrize(
    "body",
    [
        *({"status": "active"}, {"profile_status": "active"}, {"flags": []}, {"nonsense": 1}),
        *({"age": 17}, {"age": 101}, {"budget_min": -1}, {"budget_min": 2, "budget_max": 1}),
        *({"native_place": "x" * 121}, {"linkedin_url": "ftp://example.org"}, {"mode": "both"}),
        *({"linkedin_url": f"https://example.org/{'x' * 255}"}, {"linkedin_url": "example.org"}),
        *({"non_negotiables": ["no_fun"]}, {"vibe_tags": ["x" * 31]}, {"vibe_tags": ["a"] * 9}),
        *({"mode": None}, {"cell_latitude": 1.0}, {"last_active_at": "2026-01-01T00:00:00Z"}),
        {"avatar_upload_id": "01890000-0000-7000-8000-000000000000"},
    ],
)
def test_what_is_wrong_unknown_or_the_servers_is_refused(api, seeker, body):
    ProfileFactory(user=seeker, status="draft")
    assert api(seeker).patch(f"{BASE}/profile", body).status_code == 422
    assert Profile.objects.get().status == "draft"


def test_blank_clears_words_and_numbers(api, seeker):
    app = api(seeker)
    app.patch(f"{BASE}/profile", {"age": 30, "budget_max": 5, "linkedin_url": "https://a.example"})
    body = app.patch(f"{BASE}/profile", {"age": "", "budget_max": None, "linkedin_url": ""}).json()
    assert (body["age"], body["budget_max"], body["linkedin_url"]) == (None, None, "")


def test_no_call_of_a_rejected_person_makes_him_visible(api):
    profile = ProfileFactory(status="rejected")
    app = api(profile.user)
    app.put(f"{BASE}/profile", COMPLETE | {"bio": "All clean now."})
    assert app.post(f"{BASE}/profile/resume").status_code == 409
    app.put(f"{BASE}/profile", COMPLETE)
    assert app.get(f"{BASE}/profile").json()["status"] == "pending_review"


def test_pause_and_resume(api):
    app = api(ProfileFactory().user)
    for _again in range(2):
        body = app.post(f"{BASE}/profile/pause").json()
        assert (body["status"], body["allowed_actions"]) == ("paused", ["edit", "resume"])
    assert app.post(f"{BASE}/profile/resume").json()["status"] == "active"


def test_one_reads_how_many_have_read_one(api, seeker, outsider, peer):
    for viewer in (seeker, outsider):
        body = {"viewed_user_id": str(peer.user_id), "duration_seconds": 9, "scroll_percent": 100}
        response = api(viewer).post(f"{BASE}/profile-views", body | {"source": "deck"})
        assert response.status_code == 201
    assert api(peer.user).get(f"{BASE}/profile").json()["seen_by"] == 2


# --- Others -----------------------------------------------------------------------------------------
def test_a_peer_reads_a_card_and_none_of_the_secrets(api, seeker, peer):
    ProfileFactory(user=seeker)
    app = api(seeker)
    for path in ("", "/compatibility"):
        response = app.get(f"{BASE}/profiles/{peer.user_id}{path}")
        assert response.status_code == 200
        assert [s for s in SECRETS if s in response.content.decode()] == []
    card = app.get(f"{BASE}/profiles/{peer.user_id}").json()
    assert (card["full_name"], card["age_bucket"], card["overall_percentage"]) == (
        "Bella B.",
        "46+",
        100,
    )
    hidden = {
        "age",
        "phone",
        "email",
        "native_place",
        "linkedin_url",
        "flags",
        "status",
        "cell_geohash",
    }
    assert hidden & set(card) == set()


@pytest.mark.parametrize("status", ["draft", "pending_review", "paused", "rejected"])
def test_whom_one_cannot_see_does_not_exist(api, seeker, status):
    hidden = ProfileFactory(status=status)
    assert api(seeker).get(f"{BASE}/profiles/{hidden.user_id}").status_code == 404
    assert api(seeker).get(f"{BASE}/profiles/{hidden.user_id}/compatibility").status_code == 404


@pytest.mark.parametrize("is_mine", [True, False])
def test_a_block_hides_both_from_each_other(api, seeker, peer, is_mine):
    pair = (seeker, peer.user) if is_mine else (peer.user, seeker)
    Block.objects.create(blocker=pair[0], blocked=pair[1])
    assert api(seeker).get(f"{BASE}/profiles/{peer.user_id}").status_code == 404


def test_compatibility_explains_itself(api, seeker, peer):
    ProfileFactory(user=seeker, cleanliness="spotless", sleep_schedule="")
    body = api(seeker).get(f"{BASE}/profiles/{peer.user_id}/compatibility").json()
    assert (body["overall_percentage"], body["color"], body["coverage"]) == (
        88,
        "green",
        "6 of 7 answers",
    )
    assert body["sharpen"] == ["sleep_schedule"]
    cleanliness = next(d for d in body["dimensions"] if d["name"] == "cleanliness")
    assert cleanliness == {
        "name": "cleanliness",
        "label": "Cleanliness",
        "weight": 0.2,
        "mine": "spotless",
        "theirs": "tidy",
        "score": 50,
        "points": 10.0,
        "summary": "Cleanliness: “Spotless” and “Tidy” need a word between you.",
    }


def test_without_an_answer_of_ones_own_there_is_no_score(api, seeker, peer):
    body = api(seeker).get(f"{BASE}/profiles/{peer.user_id}/compatibility").json()
    assert (body["overall_percentage"], body["color"]) == (None, None)


# --- Views ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "wrong",
    [
        *({"duration_seconds": -1}, {"duration_seconds": 3601}, {"scroll_percent": 101}),
        *({"scroll_percent": -1}, {"source": "nowhere"}, {"more": 1}),
    ],
)
def test_a_view_has_its_bounds(api, seeker, peer, wrong):
    body = {"viewed_user_id": str(peer.user_id), "duration_seconds": 1, "scroll_percent": 1}
    body |= {"source": "deck"} | wrong
    assert api(seeker).post(f"{BASE}/profile-views", body).status_code == 422
    assert not ProfileView.objects.exists()


def test_a_view_of_somebody_hidden_unknown_or_oneself_is_not_found(api, seeker):
    ProfileFactory(user=seeker)
    hidden = ProfileFactory(status="paused").user_id
    for viewed in (hidden, seeker.pk, "01890000-0000-7000-8000-000000000000"):
        body = {"viewed_user_id": str(viewed), "duration_seconds": 1, "scroll_percent": 1}
        response = api(seeker).post(f"{BASE}/profile-views", body | {"source": "link"})
        assert response.status_code == 404


# --- Catalogs and the first call ----------------------------------------------------------------------
def test_catalogs_are_public_and_known_ones_are_not_sent_again(api):
    first = api().get(f"{BASE}/catalogs")
    assert (first.status_code, len(first.json())) == (200, 22)
    etag = first.headers["ETag"]
    again = api().get(f"{BASE}/catalogs", HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    row = {"key": "vibe_tags", "payload": [{"value": "calm", "label": "Calm"}]}
    Catalog.objects.create(**row)
    changed = api().get(f"{BASE}/catalogs", HTTP_IF_NONE_MATCH=etag)
    assert changed.status_code == 200
    assert {**row, "version": 2} in changed.json()


def test_the_first_call_has_all_that_an_app_needs(api, seeker):
    LiveListingFactory(owner=seeker)
    body = api(seeker).get(f"{BASE}/bootstrap").json()
    counts = ("active_listing_count", "conversation_count", "unread_message_count")
    assert [body[name] for name in counts] == [1, 0, 0]
    assert body["profile"]["status"] == "draft"
    assert len(body["catalogs"]) == 22
    assert body["realtime"]["url"] == "/api/v1/flatmates/sse"
    assert "new_match" in body["realtime"]["events"]


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("get", "bootstrap", 6),
        ("get", "profile", 4),
        ("get", "profiles/{peer}", 4),
        ("patch", "profile", 10),
    ],
)
def test_each_call_has_its_budget_of_statements(
    api, seeker, peer, method, path, most, django_assert_max_num_queries
):
    ProfileFactory(user=seeker, status="draft")
    app = api(seeker)
    body = {"bio": "New words", "city": "Huye"} if method == "patch" else None
    with django_assert_max_num_queries(most):
        response = getattr(app, method)(f"{BASE}/{path.format(peer=peer.user_id)}", body)
    assert response.status_code == 200
