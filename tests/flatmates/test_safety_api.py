import datetime as dt

import pytest
import time_machine

from flatmates.models import Profile
from ghar.lib import clock
from ghar.lib.ids import uuid7
from moderation.models import Block, Report
from moderation.services.reports import decide_report
from tests.factories import AdminFactory, LiveListingFactory, ProfileFactory, PropertyFactory
from tests.flatmates.people import match_of, person
from tests.moderation.reported import grown_up

pytestmark = pytest.mark.django_db
BLOCKS, REPORTS = "/api/v1/flatmates/blocks", "/api/v1/flatmates/reports"
CHATS = "/api/v1/flatmates/conversations"


@pytest.fixture
def asha():
    return ProfileFactory(user__full_name="Asha Seeker").user


@pytest.fixture
def mira():
    return ProfileFactory(user__full_name="Mira Host").user


def about(user, **facts):
    return {"reported_user_id": str(user.pk), "reason": "spam"} | facts


def fields_of(answer) -> list[str]:
    assert answer.status_code == 422, answer.content
    return sorted(answer.json()["error"]["details"]["fields"])


# --- Blocks ---------------------------------------------------------------------------------------
def test_a_block_is_made_once_listed_and_taken_back(asha, mira, api):
    client = api(asha)
    first = client.post(BLOCKS, {"user_id": str(mira.pk)})
    again = client.post(BLOCKS, {"user_id": str(mira.pk)})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    (row,) = client.get(BLOCKS).json()["items"]
    assert row["user"] == {"id": str(mira.pk), "full_name": "Mira H.", "avatar_url": None}
    assert set(row) == {"user", "created_at"}
    assert client.delete(f"{BLOCKS}/{mira.pk}").status_code == 204
    assert client.delete(f"{BLOCKS}/{mira.pk}").status_code == 404
    assert client.get(BLOCKS).json()["items"] == []


def test_mutual_blocks_answer_both_ways(asha, mira, api):
    for by, target in ((asha, mira), (mira, asha)):
        assert api(by).post(BLOCKS, {"user_id": str(target.pk)}).status_code == 201
    for by, target in ((asha, mira), (mira, asha)):
        assert len(api(by).get(BLOCKS).json()["items"]) == 1
        assert api(by).delete(f"{BLOCKS}/{target.pk}").status_code == 204
    assert not Block.objects.exists()


def test_nobody_learns_who_blocked_them(asha, mira, api):
    api(asha).post(BLOCKS, {"user_id": str(mira.pk)})
    assert api(mira).get(BLOCKS).json()["items"] == []
    assert api(mira).delete(f"{BLOCKS}/{asha.pk}").status_code == 404


def test_a_block_that_is_over_is_read_as_a_closed_chat(asha, mira, api):
    chat = match_of(asha, mira).conversation
    api(asha).post(BLOCKS, {"user_id": str(mira.pk)})
    api(asha).delete(f"{BLOCKS}/{mira.pk}")
    read = [api(one).get(f"{CHATS}/{chat.pk}").json()["status"] for one in (asha, mira)]
    assert read == ["closed", "closed"]


def test_wrong_blocks_are_refused(asha, mira, api):
    client = api(asha)
    assert fields_of(client.post(BLOCKS, {"user_id": str(asha.pk)})) == ["user_id"]
    assert fields_of(client.post(BLOCKS, {})) == ["user_id"]
    more = {"user_id": str(mira.pk), "created_at": "2026-01-01T00:00:00Z"}
    assert fields_of(client.post(BLOCKS, more)) == ["created_at"]
    assert client.post(BLOCKS, {"user_id": str(uuid7())}).status_code == 404
    mira.is_active = False
    mira.save()
    assert client.post(BLOCKS, {"user_id": str(mira.pk)}).status_code == 404
    assert not Block.objects.exists()


def test_blocks_come_in_pages_newest_first(asha, api):
    others = [person() for _ in range(3)]
    for other in others:
        api(asha).post(BLOCKS, {"user_id": str(other.pk)})
    first = api(asha).get(BLOCKS, {"limit": 2}).json()
    rest = api(asha).get(BLOCKS, {"limit": 2, "cursor": first["next_cursor"]}).json()
    seen = [row["user"]["id"] for row in first["items"] + rest["items"]]
    assert seen == [str(other.pk) for other in reversed(others)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_blocks_costs_as_much_for_one_as_for_three(
    asha, api, count, django_assert_num_queries
):
    Block.objects.bulk_create(Block(blocker=asha, blocked=person()) for _ in range(count))
    client = api(asha)
    with django_assert_num_queries(2):
        assert len(client.get(BLOCKS).json()["items"]) == count


# --- Reports --------------------------------------------------------------------------------------
def test_a_report_is_answered_without_what_moderation_thinks(asha, mira, api):
    answer = api(asha).post(REPORTS, about(mira, notes="Sells fridges."))
    assert answer.status_code == 201
    made = Report.objects.get()
    assert answer.json() == {
        "id": str(made.pk),
        "reported_user_id": str(mira.pk),
        "property_id": None,
        "reason": "spam",
        "status": "open",
        "created_at": answer.json()["created_at"],
    }
    assert (made.reporter, made.notes) == (asha, "Sells fridges.")


def test_a_repeat_is_200_with_the_open_one_and_a_new_one_opens_after_the_decision(asha, mira, api):
    client = api(asha)
    first = client.post(REPORTS, about(mira))
    again = client.post(REPORTS, about(mira, reason="abuse", notes="And worse."))
    assert (again.status_code, again.json()) == (200, first.json())
    decide_report(report=Report.objects.get(), action="dismiss", notes="fine", by=AdminFactory())
    assert client.post(REPORTS, about(mira)).status_code == 201


def test_a_report_with_its_conversation_and_its_listing(asha, mira, api):
    chat = match_of(asha, mira).conversation
    listing = LiveListingFactory(owner=mira)
    body = about(mira, conversation_id=str(chat.pk), property_id=str(listing.pk))
    answer = api(asha).post(REPORTS, body)
    assert (answer.status_code, answer.json()["property_id"]) == (201, str(listing.pk))
    made = Report.objects.get()
    assert (made.conversation_id, made.listing) == (chat.pk, listing)


def test_wrong_reports_are_refused(asha, mira, api):
    client = api(asha)
    assert fields_of(client.post(REPORTS, {})) == ["reason", "reported_user_id"]
    assert fields_of(client.post(REPORTS, about(mira, reason="dull"))) == ["reason"]
    assert fields_of(client.post(REPORTS, about(mira, status="actioned"))) == ["status"]
    assert fields_of(client.post(REPORTS, about(asha))) == ["reported_user_id"]
    assert fields_of(client.post(REPORTS, about(mira, notes="x" * 2001))) == ["notes"]
    others = LiveListingFactory()
    wrong = about(mira, property_id=str(others.pk))
    assert fields_of(client.post(REPORTS, wrong)) == ["property_id"]
    assert not Report.objects.exists()


def test_what_the_reporter_may_not_see_is_not_found(asha, mira, api):
    theirs = match_of(mira, person()).conversation
    draft = PropertyFactory(owner=mira)
    hidden = ProfileFactory(status="draft").user
    for body in (
        about(mira, conversation_id=str(theirs.pk)),
        about(mira, conversation_id=str(uuid7())),
        about(mira, property_id=str(draft.pk)),
        about(mira, property_id=str(uuid7())),
        about(hidden),
        {"reported_user_id": str(uuid7()), "reason": "spam"},
    ):
        assert api(asha).post(REPORTS, body).status_code == 404, body
    assert not Report.objects.exists()


def test_twenty_reports_a_day_and_the_next_one_waits(asha, api):
    client, start = api(asha), clock.now()
    with time_machine.travel(start, tick=False):
        for _ in range(20):
            assert client.post(REPORTS, about(person())).status_code == 201
        refused = client.post(REPORTS, about(person()))
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    with time_machine.travel(start + dt.timedelta(days=1, minutes=1), tick=False):
        assert client.post(REPORTS, about(person())).status_code == 201


def test_a_report_is_filed_in_few_statements(asha, mira, api, django_assert_max_num_queries):
    chat = match_of(asha, mira).conversation
    client = api(asha)
    with django_assert_max_num_queries(19):
        assert client.post(REPORTS, about(mira, conversation_id=str(chat.pk))).status_code == 201


def test_three_distinct_reporters_pause_the_profile(mira, api):
    """Accounts that are older than a day and have nothing in common."""
    for _ in range(3):
        assert Profile.objects.get(user=mira).status == "active"
        reporter = grown_up()
        ProfileFactory(user=reporter)
        assert api(reporter).post(REPORTS, about(mira)).status_code == 201
    assert Profile.objects.get(user=mira).status == "paused"
