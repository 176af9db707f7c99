"""The reviewers' tools: the seeds' full outputs, override, queue and decision."""

import datetime as dt
import json

import pytest

from ghar import flags
from ghar.accounts.models import ApiToken
from ghar.api.tools import Call
from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.models import Flag
from ghar.properties.services.listings import edit_listing
from moderation.models import Case, Fingerprint, RiskScore
from tests.mcp.assistants import Assistant, staff

pytestmark = pytest.mark.django_db
API = "/api/v1/moderation"


def state(listing) -> str:
    listing.refresh_from_db()
    return listing.status


def last_audit() -> tuple[str, str, str]:
    row = AuditEvent.objects.order_by("id").last()
    return row.action, row.actor_id, row.channel


def test_staff_read_the_fingerprint_that_is_stored(admin, passed):
    found = staff(admin).ask("risk.compute_listing_fingerprint", property_id=passed.pk)
    made = Fingerprint.objects.get(listing=passed, version=passed.content_version)
    assert found == {
        "fingerprint_hash": made.fingerprint_hash,
        "photo_hashes": made.photo_hashes,
        "geo_cell": made.geo_cell,
        "norm_fields": made.norm_fields,
    }
    assert len(found["photo_hashes"]) == 2


def test_staff_read_the_score_with_its_reasons(admin, held):
    found = staff(admin).ask("risk.score_listing", property_id=held.pk)
    score = RiskScore.objects.get(listing=held)
    assert (found["risk_score"], found["risk_level"]) == (score.risk_score, "high")
    assert found["status"] == "hold"
    assert "PHOTO_REUSED" in {reason["code"] for reason in found["reasons"]}


def test_a_poster_reads_nothing_of_that(held, outsider, original):
    told = [
        Assistant(outsider).ask(tool, property_id=held.pk)
        for tool in ("risk.score_listing", "risk.compute_listing_fingerprint")
    ]
    for summary in told:
        assert set(summary) == {"status", "headline", "checklist", "can_appeal", "next_step"}
    made = Fingerprint.objects.get(listing=held)
    words = [made.fingerprint_hash, *made.photo_hashes, str(original.pk), "PHOTO_REUSED"]
    assert [word for word in words if word in json.dumps(told)] == []


def test_while_scoring_is_switched_off_a_score_holds_nothing(admin, held):
    Flag.objects.create(name=flags.RISK_SCORING, is_on=False)
    flags.forget()
    staff(admin).ask("risk.score_listing", property_id=held.pk)
    assert state(held) == "pending_review"


@pytest.mark.parametrize(
    ("ruling", "final"),
    [
        ({"decision": "allow"}, "pending_review"),
        ({"decision": "hold", "notes": "Look again"}, "hold_for_review"),
        ({"decision": "reject", "notes": "Taken from elsewhere"}, "rejected"),
    ],
)
def test_an_override_decides_and_is_audited(admin, held, ruling, final):
    decided = staff(admin).ask("admin.risk_override", property_id=held.pk, **ruling)
    assert decided == {"final_status": final}
    assert state(held) == final
    row = AuditEvent.objects.get(action="risk_override")
    assert (row.actor_id, row.target_id, row.channel) == (str(admin.pk), str(held.pk), "mcp")


def test_an_override_without_its_notes_or_of_a_stale_case_is_refused(admin, held):
    team, it = staff(admin), {"property_id": held.pk}
    error = team.refused("admin.risk_override", decision="reject", **it)
    assert list(error["details"]["fields"]) == ["notes"]
    assert team.code("admin.risk_override", decision="allow", version=99, **it) == "STALE_CASE"
    assert team.code("admin.risk_override", property_id=uuid7(), decision="allow") == "NOT_FOUND"
    assert state(held) == "hold_for_review"


def test_an_override_needs_a_fresh_token(admin, held, settings):
    settings.STAFF_MFA_REQUIRED = True
    team, it = staff(admin), {"property_id": held.pk, "decision": "allow"}
    ApiToken.objects.update(created_at=clock.now() - dt.timedelta(minutes=16))
    team.call = Call(admin, ApiToken.objects.get(), "127.0.0.1")
    assert team.code("admin.risk_override", **it) == "REAUTHENTICATION_REQUIRED"
    case = Case.objects.open().get(listing=held)
    it = {"case_id": case.pk, "version": case.version}
    code = team.code("moderation_decide", decision="hold", **it)
    assert code == "REAUTHENTICATION_REQUIRED"
    assert state(held) == "hold_for_review"


def test_the_queue_is_the_one_of_the_api(admin, api, held, passed):
    listed = staff(admin).ask("moderation_queue")
    over_http = api(admin).get(f"{API}/queue").json()
    assert [item["id"] for item in listed["items"]] == [item["id"] for item in over_http["items"]]
    holds = staff(admin).ask("moderation_queue", kind="hold")
    assert {item["property_id"] for item in holds["items"]} == {str(held.pk)}


def test_the_queue_goes_on_where_it_ended(admin, held, passed):
    first = staff(admin).ask("moderation_queue", limit=1, include_total=True)
    rest = staff(admin).ask("moderation_queue", limit=100, cursor=first["next_cursor"])
    seen = [item["id"] for page in (first, rest) for item in page["items"]]
    assert len(seen) == len(set(seen)) == first["total"]


def test_a_case_is_decided_and_audited(admin, held):
    case = Case.objects.open().get(listing=held)
    ruling = {"decision": "request_edit", "reason_codes": ["PHOTO_REUSED"]}
    decided = staff(admin).ask("moderation_decide", case_id=case.pk, version=case.version, **ruling)
    assert (decided["id"], decided["final_status"]) == (str(case.pk), "needs_edit")
    assert last_audit() == ("listing_edit_requested", str(admin.pk), "mcp")


def test_a_decision_on_what_has_changed_is_refused(admin, held):
    case = Case.objects.open().get(listing=held)
    team, it = staff(admin), {"case_id": case.pk, "decision": "approve"}
    assert team.code("moderation_decide", version=case.version + 1, **it) == "STALE_CASE"
    edit_listing(listing=held, by=held.owner, title="Something else")
    assert team.code("moderation_decide", version=case.version, **it) == "STALE_CASE"
    case.refresh_from_db()
    error = team.refused(
        "moderation_decide", case_id=case.pk, decision="warn_user", version=case.version
    )
    assert error["code"] == "INVALID_TRANSITION"
    assert "approve" in error["details"]["allowed"]
    assert team.code("moderation_decide", version=0, **it | {"case_id": uuid7()}) == "NOT_FOUND"
