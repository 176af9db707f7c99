"""Acceptance of P6A (duplicate and scam checks), over the API, with the login of the web."""

from django.db import connection
import pytest

from ghar import flags
from ghar.models import Flag
from ghar.properties.models import Property
from tests.moderation.listings import ELSEWHERE, FACTS, add_ready_photo
from tests.moderation.pictures import draw, resaved

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def as_web_login(admin, poster, outsider, seeker):
    """From here on the session is ghar_web's: no grant on the private tables but by a role."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION ghar_web")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")


@pytest.fixture
def post(api, on_commit, as_web_login):
    """Create, add photos, submit: what an app does. Answers the listing's id."""

    def send(owner, pictures, **facts) -> str:
        client = api(owner)
        made = client.post(f"{V1}/properties", FACTS | facts)
        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        for picture in pictures:
            add_ready_photo(Property.objects.get(pk=pk), picture)
        with on_commit():
            assert client.post(f"{V1}/properties/{pk}/submit").status_code == 202
        return pk

    return send


@pytest.fixture
def status(api):
    def read(owner, pk) -> str:
        return api(owner).get(f"{V1}/properties/{pk}").json()["status"]

    return read


def test_near_duplicate_listing_triggers_hold_for_review_with_reasons(
    api, post, status, poster, outsider, admin
):
    original = post(poster, [draw(60), draw(61)])
    copy = post(
        outsider,
        [draw(62), draw(63)],
        title="SUNNY two-bedroom FLAT, near the market!",
        price_amount=357_000,
        latitude=FACTS["latitude"] + 0.00036,
        contact_phone="+250788000222",
    )
    assert status(outsider, copy) == "hold_for_review"
    risk = api(admin).get(f"{V1}/moderation/listings/{copy}/risk").json()
    assert "DUPLICATE_LISTING" in [reason["code"] for reason in risk["reasons"]]
    assert [row["property_id"] for row in risk["similar_listings"]] == [original]
    told = api(outsider).get(f"{V1}/properties/{copy}/risk")
    assert "PLACE_ALREADY_LISTED" in [point["code"] for point in told.json()["checklist"]]
    assert original not in told.content.decode()


def test_reposted_photo_triggers_hold_for_review(api, post, status, poster, outsider, admin):
    rooms = [draw(64), draw(65)]
    original = post(poster, rooms)
    copy = post(outsider, [resaved(room) for room in rooms], **ELSEWHERE)
    assert status(outsider, copy) == "hold_for_review"
    risk = api(admin).get(f"{V1}/moderation/listings/{copy}/risk").json()
    assert "PHOTO_REUSED" in [reason["code"] for reason in risk["reasons"]]
    assert [row["property_id"] for row in risk["similar_listings"]] == [original]


def test_normal_listing_passes_without_hold(post, status, poster, outsider):
    post(poster, [draw(66), draw(67)])
    other = post(outsider, [draw(68), draw(69)], **ELSEWHERE)
    assert status(outsider, other) == "pending_review"


def test_admin_can_override_and_audit_is_written(api, post, status, poster, outsider, admin):
    rooms = [draw(70), draw(71)]
    post(poster, rooms)
    copy = post(outsider, rooms, **ELSEWHERE)
    body = {"decision": "allow", "notes": "He manages both."}
    answer = api(admin).post(f"{V1}/moderation/listings/{copy}/risk/override", body)
    assert answer.json() == {"final_status": "pending_review"}
    rows = api(admin).get(f"{V1}/audit", {"action": "risk_override"}).json()["items"]
    assert [(row["target_id"], row["actor"]["id"]) for row in rows] == [(copy, str(admin.pk))]
    approved = api(admin).put(f"{V1}/flatmates/moderation/listings/{copy}", {"action": "approve"})
    assert approved.json()["status"] == "live"


def test_a_stale_override_is_refused(api, post, poster, outsider, admin):
    rooms = [draw(72), draw(73)]
    post(poster, rooms)
    copy = post(outsider, rooms, **ELSEWHERE)
    path = f"{V1}/moderation/listings/{copy}/risk/override"
    version = api(admin).get(f"{V1}/moderation/queue").json()["items"][0]["version"]
    first = {"decision": "allow", "version": version}
    assert api(admin).post(path, first).status_code == 200
    late = api(admin).post(path, {"decision": "reject", "notes": "fraud", "version": version})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "STALE_CASE")


def test_flag_off_proceeds_and_on_again_holds(post, status, poster, outsider):
    rooms = [draw(74), draw(75)]
    post(poster, rooms)
    Flag.objects.create(name=flags.RISK_SCORING, is_on=False)
    flags.forget()
    assert status(outsider, post(outsider, rooms, **ELSEWHERE)) == "pending_review"
    Flag.objects.update(is_on=True)
    flags.forget()
    assert status(outsider, post(outsider, rooms, **ELSEWHERE)) == "hold_for_review"


def test_posters_read_their_own_summary_and_the_public_reads_nothing(
    api, post, poster, outsider, seeker_session
):
    rooms = [draw(76), draw(77)]
    post(poster, rooms)
    copy = post(outsider, rooms, **ELSEWHERE)
    assert api(outsider).get(f"{V1}/properties/{copy}/risk").status_code == 200
    assert api(poster).get(f"{V1}/properties/{copy}/risk").status_code == 404
    assert api().get(f"{V1}/properties/{copy}/risk").status_code == 401
    assert api(seeker_session).get(f"{V1}/properties/{copy}/risk").status_code == 401
    assert api(outsider).get(f"{V1}/moderation/listings/{copy}/risk").status_code == 403
