import datetime as dt
import json

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from ghar.accounts.models import ApiToken
from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.properties.services.listings import edit_listing
from moderation.models import Case, PhotoHash, RiskScore
from tests.moderation.listings import ELSEWHERE, make_listing, submitted
from tests.moderation.pictures import draw

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


def case_of(listing) -> Case:
    return Case.objects.open().get(listing=listing)


def test_the_poster_reads_kind_points_and_nothing_of_the_other_listing(
    api, held, original, outsider
):
    answer = api(outsider).get(f"{V1}/properties/{held.pk}/risk")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"status", "headline", "checklist", "can_appeal", "next_step"}
    assert [point["code"] for point in body["checklist"]] == [
        "PHOTO_SEEN_ELSEWHERE",
        "OWNERSHIP_REQUESTED",
    ]
    assert set(body["checklist"][0]) == {"code", "message", "field", "satisfied"}
    assert (body["status"], body["can_appeal"]) == ("hold", True)


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "risk"), ("post", "risk/preview"), ("get", ""), ("post", "submit")],
)
def test_no_answer_to_a_poster_carries_a_secret_of_the_check(
    api, held, original, outsider, method, path
):
    score = RiskScore.objects.get(listing=held)
    hashes = PhotoHash.objects.values_list("phash", flat=True)
    secrets = [str(original.pk), original.title, "risk_score", "PHOTO_REUSED", *hashes]
    secrets += [f'"{score.risk_score}"', f": {score.risk_score},", "distance", "fingerprint"]
    text = getattr(api(outsider), method)(f"{V1}/properties/{held.pk}/{path}").content.decode()
    assert [secret for secret in secrets if secret in text] == []


def test_a_preview_of_a_draft_stores_and_moves_nothing(api, outsider):
    listing = make_listing(outsider, **(ELSEWHERE | {"address": "", "contact_phone": ""}))
    listing.media.exclude(pk=listing.media.first().pk).delete()
    answer = api(outsider).post(f"{V1}/properties/{listing.pk}/risk/preview")
    listing.refresh_from_db()
    assert answer.json()["status"] == "review_required"
    assert "ADDRESS_INCOMPLETE" in [point["code"] for point in answer.json()["checklist"]]
    assert (listing.status, RiskScore.objects.filter(listing=listing).count()) == ("draft", 0)


OWN_ROUTES = [("get", "risk"), ("post", "risk/preview"), ("post", "appeal")]


@pytest.mark.parametrize(("method", "path"), OWN_ROUTES)
def test_another_persons_listing_is_not_found(api, held, seeker, method, path):
    client = api(seeker)
    answer = getattr(client, method)(f"{V1}/properties/{held.pk}/{path}", {"message": "x"})
    nowhere = "01890000-0000-7000-8000-000000000000"
    missing = getattr(client, method)(f"{V1}/properties/{nowhere}/{path}", {"message": "x"})
    assert answer.status_code == missing.status_code == 404
    assert answer.json() == missing.json()


@pytest.mark.parametrize(("method", "path"), OWN_ROUTES)
def test_nobody_in_particular_has_no_risk_to_read(api, held, method, path):
    answer = getattr(api(), method)(f"{V1}/properties/{held.pk}/{path}")
    assert answer.status_code == 401


def staff_routes(listing, case):
    return [
        ("get", "/moderation/queue"),
        ("post", f"/moderation/cases/{case.pk}/claim"),
        ("post", f"/moderation/cases/{case.pk}/release"),
        ("post", f"/moderation/cases/{case.pk}/decide"),
        ("get", f"/moderation/listings/{listing.pk}/risk"),
        ("post", f"/moderation/listings/{listing.pk}/risk/override"),
        ("get", "/flatmates/moderation/listings"),
        ("put", f"/flatmates/moderation/listings/{listing.pk}"),
        ("post", f"/flatmates/moderation/prescreen/{listing.pk}"),
        ("get", "/audit"),
    ]


def test_staff_routes_are_closed_to_all_others(api, held, outsider, agent):
    before = case_of(held)
    for method, path in staff_routes(held, before):
        answers = [
            getattr(api(who), method)(V1 + path).status_code for who in (None, outsider, agent)
        ]
        assert (path, answers) == (path, [401, 403, 403])
    assert case_of(held).version == before.version


def test_the_queue_is_ordered_by_urgency_and_names_what_a_moderator_needs(
    api, held, original, admin
):
    body = api(admin).get(f"{V1}/moderation/queue").json()
    assert [item["property_id"] for item in body["items"]] == [str(held.pk), str(original.pk)]
    first = body["items"][0]
    assert (first["kind"], first["reasons"]) == ("hold", ["PHOTO_REUSED"])
    assert {"id", "risk_score", "age_seconds", "due_at", "claimed_by", "version"} <= set(first)


def test_claim_decide_and_release_over_the_api(api, held, admin, second_admin):
    case, client = case_of(held), api(admin)
    path = f"{V1}/moderation/cases/{case.pk}"
    claimed = client.post(f"{path}/claim").json()
    assert claimed["claimed_by"] == str(admin.pk)
    refused = api(second_admin).post(f"{path}/claim")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CASE_CLAIMED")
    body = {
        "decision": "reject",
        "reason_codes": ["PHOTO_REUSED"],
        "note": "",
        "version": case.version,
    }
    decided = client.post(f"{path}/decide", body)
    assert (decided.status_code, decided.json()["final_status"]) == (200, "rejected")
    stale = api(second_admin).post(f"{path}/decide", body | {"decision": "approve"})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "STALE_CASE")


def test_to_hold_needs_a_recent_sign_in_and_to_allow_is_the_override(api, passed, admin, settings):
    case = case_of(passed)
    path = f"{V1}/moderation/cases/{case.pk}/decide"
    body = {"decision": "hold", "version": case.version}
    assert api(admin).post(path, body | {"decision": "allow"}).status_code == 422
    settings.STAFF_MFA_REQUIRED = True
    client = api(admin, made_with_otp=True)
    ApiToken.objects.update(created_at=clock.now() - dt.timedelta(minutes=16))
    refused = client.post(path, body)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "REAUTHENTICATION_REQUIRED"
    recent = api(admin, made_with_otp=True).post(path, body)
    assert recent.json()["final_status"] == "hold_for_review"


def test_what_was_edited_since_it_was_read_is_not_decided(api, passed, admin, poster):
    case = api(admin).get(f"{V1}/moderation/queue").json()["items"][0]
    edit_listing(listing=passed, by=poster, title="Something else")
    body = {"decision": "approve", "version": case["version"]}
    refused = api(admin).post(f"{V1}/moderation/cases/{case['id']}/decide", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "STALE_CASE")


def test_the_admin_reads_the_whole_score(api, held, original, admin):
    body = api(admin).get(f"{V1}/moderation/listings/{held.pk}/risk").json()
    assert (body["risk_level"], body["status"]) == ("high", "hold")
    assert body["reasons"][0]["code"] == "PHOTO_REUSED"
    assert body["reasons"][0]["evidence"]["listings"][0]["property_id"] == str(original.pk)
    similar = body["similar_listings"][0]
    assert (similar["property_id"], similar["matched_on"]) == (str(original.pk), ["photo"])
    assert similar["url"] == original.get_absolute_url()
    assert body["fingerprint"]["fingerprint_hash"]
    assert [past["risk_score"] for past in body["history"]] == [body["risk_score"]]


@pytest.mark.parametrize(
    ("decision", "final"),
    [("allow", "pending_review"), ("hold", "hold_for_review"), ("reject", "rejected")],
)
def test_override_moves_the_listing_and_is_in_the_audit(api, held, admin, decision, final):
    body = {"decision": decision, "notes": "looked at it"}
    answer = api(admin).post(f"{V1}/moderation/listings/{held.pk}/risk/override", body)
    assert (answer.status_code, answer.json()) == (200, {"final_status": final})
    rows = api(admin).get(f"{V1}/audit", {"action": "risk_override", "target": str(held.pk)}).json()
    assert [row["actor"]["id"] for row in rows["items"]] == [str(admin.pk)]
    assert rows["items"][0]["channel"] == "api"


def test_override_without_notes_is_refused(api, held, admin):
    answer = api(admin).post(
        f"{V1}/moderation/listings/{held.pk}/risk/override", {"decision": "reject"}
    )
    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]["fields"]) == ["notes"]
    assert not AuditEvent.objects.filter(action="risk_override").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "publish"},
        {"decision": "allow", "status": "live"},
        {"decision": "allow", "version": "x"},
        {},
    ],
)
def test_what_override_does_not_know_is_refused(api, held, admin, body):
    answer = api(admin).post(f"{V1}/moderation/listings/{held.pk}/risk/override", body)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("action", "status"),
    [("approve", "live"), ("reject", "rejected"), ("request_edit", "needs_edit")],
)
def test_a_review_answers_the_owners_listing_already_moved(api, passed, admin, action, status):
    path = f"{V1}/flatmates/moderation/listings/{passed.pk}"
    answer = api(admin).put(path, {"action": action, "reason": "Please add the floor."})
    assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_the_review_list_is_filtered_by_status(api, held, original, admin):
    client, path = api(admin), f"{V1}/flatmates/moderation/listings"
    both = client.get(path).json()["items"]
    assert {item["id"] for item in both} == {str(held.pk), str(original.pk)}
    only = client.get(path, {"status": "hold_for_review"}).json()["items"]
    assert [item["id"] for item in only] == [str(held.pk)]
    assert client.get(path, {"status": "sold"}).status_code == 422


def test_a_prescreen_checks_again(api, held, admin):
    answer = api(admin).post(f"{V1}/flatmates/moderation/prescreen/{held.pk}")
    assert (answer.status_code, answer.json()["decision"]) == (200, "hold_for_review")
    history = api(admin).get(f"{V1}/moderation/listings/{held.pk}/risk").json()["history"]
    assert len(history) == 2


def test_an_appeal_is_taken_once(api, held, outsider):
    path = f"{V1}/properties/{held.pk}/appeal"
    first = api(outsider).post(path, {"message": "I took them myself."})
    assert (first.status_code, first.json()["status"]) == (201, "open")
    again = api(outsider).post(path, {"message": "Really."})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "APPEAL_OPEN")


def test_an_appeal_with_somebody_elses_upload_is_refused(api, held, outsider, admin):
    body = {"message": "Mine.", "upload_ids": ["01890000-0000-7000-8000-000000000000"]}
    answer = api(outsider).post(f"{V1}/properties/{held.pk}/appeal", body)
    assert answer.status_code == 422
    assert "upload_ids" in answer.json()["error"]["details"]["fields"]


@pytest.mark.parametrize("route", ["/moderation/queue", "/flatmates/moderation/listings", "/audit"])
def test_lists_cost_the_same_for_one_row_and_three(api, poster, admin, on_commit, route):
    client = api(admin)
    counts = []
    for rooms in (1, 2):
        for n in range(rooms):
            with on_commit():
                submitted(poster, pictures=[draw(100 + 10 * rooms + n), draw(200 + 10 * rooms + n)])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(V1 + route).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_answers_are_json_that_a_client_can_read(api, held, admin):
    answer = api(admin).get(f"{V1}/moderation/listings/{held.pk}/risk/")
    assert json.loads(answer.content)["property_id"] == str(held.pk)
