import pytest

from ghar.lib.ids import uuid7
from moderation.models import Case, Report, Sanction
from moderation.services.reports import decide_report
from tests.factories import LiveListingFactory, UserFactory
from tests.moderation.reported import WORDS, report

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
QUEUE, REPORTS = f"{V1}/moderation/queue", f"{V1}/flatmates/moderation/reports"


@pytest.fixture
def filed(poster, seeker) -> Report:
    return report(poster, by=seeker)


def case_of(row) -> Case:
    return Case.objects.open().get(kind="report")


def decide(client, case, **body):
    path = f"{V1}/moderation/cases/{case.pk}/decide"
    return client.post(path, {"version": case.version, **body})


def test_the_queue_shows_the_person_that_a_case_is_about(api, admin, filed, poster):
    item = api(admin).get(QUEUE, {"kind": "report"}).json()["items"][0]
    assert item["person"] == {"id": str(poster.pk), "full_name": "Peter Poster"}
    assert (item["kind"], item["property_id"], item["reasons"]) == ("report", None, ["abuse"])
    assert item["is_target_paused"] is False


def test_the_queue_shows_the_listing_that_was_reported(api, admin, seeker):
    listing = LiveListingFactory()
    report(listing.owner, by=seeker, listing=listing)
    item = api(admin).get(QUEUE).json()["items"][0]
    assert (item["property_id"], item["person"]) == (str(listing.pk), None)


def test_the_list_gives_the_words_and_never_the_evidence(api, admin, filed, seeker, poster):
    item = api(admin).get(REPORTS, {"status": "open"}).json()["items"][0]
    assert (item["id"], item["notes"], item["reason"]) == (str(filed.pk), WORDS, "abuse")
    assert (item["reporter"]["id"], item["reported"]["id"]) == (str(seeker.pk), str(poster.pk))
    assert {"evidence", "links", "content_mark"} & set(item) == set()


def test_the_list_is_filtered_by_status(api, admin, filed):
    decide_report(report=report(UserFactory()), action="dismiss", notes="", by=admin)
    found = {
        status: len(api(admin).get(REPORTS, {"status": status}).json()["items"])
        for status in ("open", "reviewed", "dismissed", "actioned")
    }
    assert found == {"open": 1, "reviewed": 0, "dismissed": 1, "actioned": 0}
    assert len(api(admin).get(REPORTS).json()["items"]) == 2
    assert api(admin).get(REPORTS, {"status": "lost"}).status_code == 422


def test_pages_of_the_list_repeat_and_skip_nothing(api, admin):
    filed = [str(report(UserFactory()).pk) for _ in range(5)]
    first = api(admin).get(REPORTS, {"limit": 3}).json()
    decide_report(report=Report.objects.get(pk=filed[0]), action="dismiss", notes="", by=admin)
    second = api(admin).get(REPORTS, {"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == filed


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("dismiss", "dismissed"),
        ("warn_user", "actioned"),
        ("suspend_user", "actioned"),
        ("escalate", "reviewed"),
    ],
)
def test_a_decision_answers_the_report_and_a_repeat_the_same(api, admin, filed, action, status):
    client, path = api(admin), f"{REPORTS}/{filed.pk}"
    first = client.put(path, {"action": action, "notes": "Spoke to both."})
    again = client.put(path, {"action": action, "notes": "Once more."})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["action"]) == (status, action)
    assert (first.json()["notes"], first.json()["staff_note"]) == (WORDS, "Spoke to both.")
    assert Sanction.objects.count() == (status == "actioned")


def test_another_decision_later_names_what_is_allowed(api, admin, filed):
    client, path = api(admin), f"{REPORTS}/{filed.pk}"
    client.put(path, {"action": "dismiss"})
    answer = client.put(path, {"action": "warn_user"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "INVALID_TRANSITION")
    assert answer.json()["error"]["details"] == {"allowed": []}


@pytest.mark.parametrize(
    "body", [{}, {"action": "ban"}, {"action": "dismiss", "reason": "spam"}, {"notes": "x"}]
)
def test_what_a_decision_does_not_know_is_refused(api, admin, filed, body):
    assert api(admin).put(f"{REPORTS}/{filed.pk}", body).status_code == 422


def test_a_report_that_does_not_exist_is_not_found(api, admin):
    assert api(admin).put(f"{REPORTS}/{uuid7()}", {"action": "dismiss"}).status_code == 404


def test_a_case_is_decided_with_the_words_that_the_person_reads(api, admin, filed):
    case = case_of(filed)
    answer = decide(api(admin), case, decision="warn_user", note="First one.", message="Please.")
    assert (answer.status_code, answer.json()["status"]) == (200, "decided")
    assert answer.json()["final_status"] is None
    assert (Sanction.objects.get().message, Sanction.objects.get().note) == (
        "Please.",
        "First one.",
    )


def test_deciding_the_case_again_is_stale_unless_it_says_the_same(api, admin, filed):
    case, client = case_of(filed), api(admin)
    assert decide(client, case, decision="dismiss").status_code == 200
    assert decide(client, case, decision="dismiss").status_code == 200
    stale = decide(client, case, decision="warn_user")
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "STALE_CASE")
    assert stale.json()["error"]["details"]["decision"]["decision"] == "dismiss"


@pytest.mark.parametrize("decision", ["approve", "uphold", "hold"])
def test_a_report_takes_no_verdict_of_a_listing(api, admin, filed, decision):
    answer = decide(api(admin), case_of(filed), decision=decision)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "INVALID_TRANSITION")
    allowed = answer.json()["error"]["details"]["allowed"]
    assert allowed == ["dismiss", "warn_user", "suspend_user", "escalate"]


def test_a_listing_takes_no_verdict_of_a_report(api, admin, passed):
    case = Case.objects.open().get(listing=passed)
    answer = decide(api(admin), case, decision="dismiss")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "INVALID_TRANSITION")


def test_a_case_about_a_person_is_claimed_and_released(api, admin, filed):
    client, path = api(admin), f"{V1}/moderation/cases/{case_of(filed).pk}"
    assert client.post(f"{path}/claim").json()["claimed_by"] == str(admin.pk)
    assert client.post(f"{path}/release").json()["claimed_by"] is None


@pytest.mark.parametrize("who", ["seeker", "poster", "outsider", "agent"])
def test_only_staff_read_and_decide_reports(api, filed, who, request):
    client = api(request.getfixturevalue(who))
    assert client.get(REPORTS).status_code == 403
    assert client.put(f"{REPORTS}/{filed.pk}", {"action": "dismiss"}).status_code == 403
    filed.refresh_from_db()
    assert filed.status == "open"


@pytest.mark.parametrize("path", [QUEUE, REPORTS])
def test_lists_cost_four_statements_at_most_whatever_their_length(
    api, admin, path, django_assert_max_num_queries
):
    client = api(admin)
    for _ in range(3):
        report(UserFactory())
    # The token, the transaction as staff, and two more for the list itself.
    with django_assert_max_num_queries(8) as counted:
        assert len(client.get(path).json()["items"]) == 3
    about_rows = [row for row in counted if "reports" in row["sql"] or "cases" in row["sql"]]
    assert len(about_rows) == 1
