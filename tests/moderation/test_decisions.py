from contextlib import nullcontext
import datetime as dt

from django.core.files.base import ContentFile
import pytest
import time_machine

from ghar.accounts.models import User
from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.properties.services.listings import edit_listing, submit_listing
from ghar.properties.services.media import add_photo, remove_photo
from ghar.realtime.models import Event
from moderation.models import AllowPair, Appeal, Case, Decision
from moderation.policies import LISTING_VERDICTS, NEED_A_REASON
from moderation.services.appeals import appeal_suspension, decide_appeal, submit_appeal
from moderation.services.cases import StaleCase, claim_case, next_case, release_case
from moderation.services.decisions import (
    UNDO_WINDOW,
    Ruling,
    decide_case,
    decide_listing,
    override_risk,
    undo_decision,
)
from moderation.services.sanctions import suspend_person
from moderation.services.summary import latest_message, owner_summary
from moderation.states import Verdict
from tests.factories import AdminFactory
from tests.moderation.listings import ELSEWHERE, add_ready_photo, submitted
from tests.moderation.pictures import as_jpeg, draw
from tests.moderation.reported import report

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


def case_of(listing) -> Case:
    return Case.objects.open().get(listing=listing)


def actions_on(listing) -> list[str]:
    found = AuditEvent.objects.filter(target_id=str(listing.pk)).order_by("id")
    return list(found.values_list("action", flat=True))


def decide(listing, verdict, by, **kwargs):
    case = case_of(listing)
    ruling = Ruling(verdict, ["PHOTO_REUSED"] if verdict in NEED_A_REASON else [])
    return decide_case(case=case, ruling=ruling, version=case.version, by=by, **kwargs)


def rule(listing, verdict, by):
    case = Case.objects.open().get(listing=listing, kind="appeal")
    return decide_appeal(case=case, ruling=Ruling(verdict), version=case.version, by=by)


def test_approve_publishes_tells_the_poster_and_is_audited(passed, admin, poster):
    decide(passed, Verdict.APPROVE, admin)
    passed.refresh_from_db()
    assert passed.status == "live"
    assert actions_on(passed)[-1] == "listing_approved"
    assert Notification.objects.get(user=poster).type == "listing_approved"
    assert not Case.objects.open().exists()


def test_the_poster_reads_kind_words_of_the_reasons(held, admin, outsider):
    decision = decide(held, Verdict.REJECT, admin)
    assert decision.message.startswith("Some photos also appear in another listing.")
    told = Notification.objects.filter(user=outsider, type="listing_rejected").get()
    assert told.body == decision.message


def test_a_refusal_without_any_ground_is_refused(passed, admin):
    case = case_of(passed)
    with pytest.raises(Invalid):
        decide_case(case=case, ruling=Ruling(Verdict.REJECT), version=case.version, by=admin)


def test_a_stale_version_tells_what_the_other_decided(passed, admin, second_admin):
    case = case_of(passed)
    decide(passed, Verdict.APPROVE, admin)
    with pytest.raises(StaleCase) as refusal:
        decide_case(
            case=case,
            ruling=Ruling(Verdict.REJECT, ["SPAM_TEXT"]),
            version=case.version,
            by=second_admin,
        )
    assert refusal.value.details["decision"]["decision"] == "approve"
    assert refusal.value.details["decision"]["decided_by"] == "Ada A."


def other_words(listing, by):
    edit_listing(listing=listing, by=by, description="Call me, the photos are old.")


def a_photo_more(listing, by):
    add_photo(listing=listing, file=ContentFile(as_jpeg(draw(77)), "room.jpg"), by=by)


def a_photo_less(listing, by):
    remove_photo(listing=listing, media_id=listing.media.first().pk, by=by)


@pytest.mark.parametrize("change", [other_words, a_photo_more, a_photo_less])
@pytest.mark.parametrize("is_checked", [True, False])
def test_approval_is_of_the_content_that_was_read(
    passed, admin, poster, on_commit, change, is_checked
):
    version = case_of(passed).version
    with on_commit() if is_checked else nullcontext():
        change(passed, poster)
    case, ruling = case_of(passed), Ruling(Verdict.APPROVE)
    with pytest.raises(Conflict) as refusal:
        decide_case(case=case, ruling=ruling, version=version, by=admin)
    is_on_its_way = change is a_photo_more and not is_checked
    assert refusal.value.code == ("MEDIA_PROCESSING" if is_on_its_way else "STALE_CASE")


def test_an_appeal_is_overturned_for_the_content_that_was_read(held, admin, outsider):
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    case = Case.objects.open().get(kind="appeal")
    other_words(held, outsider)
    with pytest.raises(StaleCase):
        decide_appeal(case=case, ruling=Ruling(Verdict.OVERTURN), version=case.version, by=admin)


def test_an_approval_before_the_check_of_an_edit_leaves_the_edit_to_it(
    passed, original, admin, poster, outsider, on_commit
):
    with on_commit():
        other = submitted(outsider, **ELSEWHERE)
    with on_commit():
        add_ready_photo(other, draw(31))
        edit_listing(listing=other, by=outsider, title="Family house, garden and a well")
        decide(other, Verdict.APPROVE, admin)
    other.refresh_from_db()
    assert other.status == "hold_for_review"


def test_the_same_decision_again_changes_nothing(passed, admin):
    case = case_of(passed)
    first = decide_case(case=case, ruling=Ruling(Verdict.APPROVE), version=case.version, by=admin)
    again = decide_case(case=case, ruling=Ruling(Verdict.APPROVE), version=case.version, by=admin)
    assert again == first
    assert actions_on(passed).count("listing_approved") == 1


def test_a_claim_lasts_ten_minutes(passed, admin, second_admin):
    case = case_of(passed)
    with time_machine.travel(NOW, tick=False):
        claim_case(case=case, by=admin)
        with pytest.raises(Conflict) as refusal:
            claim_case(case=case, by=second_admin)
        assert refusal.value.code == "CASE_CLAIMED"
    with time_machine.travel(NOW + dt.timedelta(minutes=10), tick=False):
        assert claim_case(case=case, by=second_admin).claimed_by == second_admin


def test_a_released_case_is_free_for_others(passed, admin, second_admin):
    case = claim_case(case=case_of(passed), by=admin)
    release_case(case=case, by=admin)
    assert next_case(by=second_admin) == case


def test_nobody_is_handed_a_case_of_their_own(admin, second_admin, on_commit):
    with on_commit():
        own = submitted(admin)
    assert next_case(by=admin) is None
    assert next_case(by=second_admin).listing == own


def test_nobody_is_handed_the_appeal_against_what_they_decided(held, admin, second_admin, outsider):
    Case.objects.open().exclude(listing=held).delete()
    decide(held, Verdict.REJECT, admin)
    appeal = submit_appeal(listing=held, message="They are mine.", by=outsider)
    assert next_case(by=admin) is None
    assert next_case(by=second_admin).listing == appeal.listing


def test_nobody_is_handed_the_appeal_against_a_suspension_of_theirs(poster, admin, second_admin):
    words = {"message": "Fraud.", "note": ""}
    suspend_person(person=poster, report=None, by=admin, now=clock.now(), **words)
    appeal_suspension(message="No.", by=poster)
    assert next_case(by=admin) is None
    assert next_case(by=second_admin).person == poster


def test_nobody_is_handed_reports_that_they_filed_or_are_named_in(
    poster, admin, second_admin, outsider
):
    third = AdminFactory()
    report(poster, by=admin)
    report(second_admin, by=outsider)
    assert next_case(by=admin).person == second_admin
    assert next_case(by=second_admin).person == poster
    assert next_case(by=third) is None


def test_who_has_decided_about_a_listing_is_handed_its_later_review(held, admin, outsider):
    Case.objects.open().exclude(listing=held).delete()
    override_risk(listing=held, decision="allow", notes="", version=None, by=admin)
    assert next_case(by=admin).kind == "review"


def test_the_next_case_is_found_in_one_statement(held, passed, admin, django_assert_num_queries):
    with django_assert_num_queries(7):  # two are the claim's, four savepoints
        next_case(by=admin)


def test_the_riskiest_case_comes_first(held, passed, admin):
    assert next_case(by=admin).listing == held


def test_override_allow_goes_on_to_review_and_is_audited(held, admin):
    listing = override_risk(listing=held, decision="allow", notes="", version=None, by=admin)
    assert listing.status == "pending_review"
    row = AuditEvent.objects.get(action="risk_override")
    assert (row.actor_id, row.target_id) == (str(admin.pk), str(held.pk))
    assert (row.data["from"], row.data["to"]) == ("hold_for_review", "pending_review")


def test_an_allowed_likeness_never_holds_again(held, admin, outsider, on_commit):
    override_risk(listing=held, decision="allow", notes="", version=None, by=admin)
    assert AllowPair.objects.count() == 1
    with on_commit():
        edit_listing(listing=held, by=outsider, description="Four rooms, newly painted in May.")
    held.refresh_from_db()
    assert held.status == "pending_review"
    assert case_of(held).risk_score < 30


@pytest.mark.parametrize("decision", ["hold", "reject"])
def test_override_needs_notes_to_hold_or_reject(held, admin, decision):
    with pytest.raises(Invalid) as refusal:
        override_risk(listing=held, decision=decision, notes=" ", version=None, by=admin)
    assert list(refusal.value.details["fields"]) == ["notes"]
    assert not Decision.objects.exists()


def test_override_on_a_stale_version_is_refused(held, admin, second_admin):
    version = case_of(held).version
    override_risk(listing=held, decision="allow", notes="", version=version, by=admin)
    with pytest.raises(StaleCase):
        override_risk(
            listing=held, decision="reject", notes="fraud", version=version, by=second_admin
        )


def test_holding_what_is_held_keeps_its_case_open(held, admin):
    before = case_of(held)
    override_risk(listing=held, decision="hold", notes="wait", version=None, by=admin)
    after = case_of(held)
    assert (after.pk, after.version) == (before.pk, before.version + 1)


def test_approving_what_is_live_changes_nothing(passed, admin):
    decide_listing(listing=passed, action="approve", reason="", by=admin)
    events = Event.objects.count()
    assert decide_listing(listing=passed, action="approve", reason="", by=admin) is None
    assert Event.objects.count() == events


def test_rejecting_what_is_not_in_review_is_an_illegal_step(passed, admin):
    decide_listing(listing=passed, action="approve", reason="", by=admin)
    with pytest.raises(InvalidTransition):
        decide_listing(listing=passed, action="reject", reason="too late", by=admin)


def test_a_decision_of_the_console_is_told_a_minute_later(passed, admin, poster):
    with time_machine.travel(NOW, tick=False):
        decide(passed, Verdict.APPROVE, admin, undo_window=UNDO_WINDOW)
    assert Notification.objects.get(user=poster).visible_at == NOW + UNDO_WINDOW


def test_undo_within_the_minute_returns_the_listing_and_tells_nobody(passed, admin, poster):
    before = case_of(passed)
    with time_machine.travel(NOW, tick=False) as moment:
        decision = decide(passed, Verdict.APPROVE, admin, undo_window=UNDO_WINDOW)
        moment.shift(59)
        undo_decision(decision=decision, by=admin)
    passed.refresh_from_db()
    assert passed.status == "pending_review"
    assert not Notification.objects.filter(user=poster).exists()
    assert case_of(passed).pk == before.pk


@pytest.mark.parametrize(
    ("case", "verdict", "back_to"),
    [("held", Verdict.ALLOW, "hold_for_review"), ("passed", Verdict.HOLD, "pending_review")],
)
def test_an_override_of_the_console_can_be_undone(request, admin, case, verdict, back_to):
    listing = request.getfixturevalue(case)
    before = case_of(listing)
    decision = decide(listing, verdict, admin, undo_window=UNDO_WINDOW)
    undo_decision(decision=decision, by=admin)
    listing.refresh_from_db()
    assert (listing.status, case_of(listing)) == (back_to, before)


def test_undo_after_the_minute_is_refused(passed, admin):
    with time_machine.travel(NOW, tick=False) as moment:
        decision = decide(passed, Verdict.APPROVE, admin, undo_window=UNDO_WINDOW)
        moment.shift(60)
        with pytest.raises(Conflict) as refusal:
            undo_decision(decision=decision, by=admin)
    assert refusal.value.code == "UNDO_OVER"


def test_undo_takes_back_the_allowed_likeness(held, admin):
    decision = decide(held, Verdict.APPROVE, admin, undo_window=UNDO_WINDOW)
    undo_decision(decision=decision, by=admin)
    assert not AllowPair.objects.exists()
    assert case_of(held).kind == "hold"


def test_an_appeal_is_decided_by_another_reviewer(held, admin, second_admin, outsider):
    decide(held, Verdict.REJECT, admin)
    appeal = submit_appeal(listing=held, message="They are mine.", by=outsider)
    case = case_of(held)
    ruling = Ruling(Verdict.OVERTURN)
    with pytest.raises(NotAllowed):
        decide_appeal(case=case, ruling=ruling, version=case.version, by=admin)
    decide_appeal(case=case, ruling=ruling, version=case.version, by=second_admin)
    held.refresh_from_db()
    appeal.refresh_from_db()
    assert (held.status, appeal.status) == ("pending_review", "overturned")
    assert case_of(held).kind == "review"
    assert actions_on(held)[-1] == "appeal_overturned"
    assert Notification.objects.filter(user=outsider, type="appeal_outcome").count() == 1


def test_an_upheld_appeal_leaves_the_listing(held, admin, second_admin, outsider):
    decide(held, Verdict.REJECT, admin)
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    case = case_of(held)
    decide_appeal(case=case, ruling=Ruling(Verdict.UPHOLD), version=case.version, by=second_admin)
    held.refresh_from_db()
    assert (held.status, Appeal.objects.get().status) == ("rejected", "upheld")


def test_after_an_upheld_appeal_the_words_and_reasons_of_the_rejection_stay(
    held, admin, second_admin, outsider
):
    decide(held, Verdict.REJECT, admin)
    held.refresh_from_db()
    before = latest_message(held), owner_summary(listing=held)["checklist"]
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    rule(held, Verdict.UPHOLD, second_admin)
    assert before == (latest_message(held), owner_summary(listing=held)["checklist"])
    assert before[0]


def test_a_second_appeal_goes_to_a_third_person(held, admin, second_admin, outsider):
    third = AdminFactory()
    decide(held, Verdict.REJECT, admin)
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    rule(held, Verdict.UPHOLD, second_admin)
    submit_appeal(listing=held, message="They really are.", by=outsider)
    for by in (admin, second_admin):
        with pytest.raises(NotAllowed):
            rule(held, Verdict.UPHOLD, by)
    assert rule(held, Verdict.UPHOLD, third).status == "upheld"


def test_when_all_have_looked_everybody_but_the_first_may_look_again(
    held, admin, second_admin, outsider
):
    """Neither somebody who has left nor the poster himself is another one."""
    AdminFactory(is_active=False)
    User.objects.filter(pk=outsider.pk).update(role="admin")
    decide(held, Verdict.REJECT, admin)
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    rule(held, Verdict.UPHOLD, second_admin)
    Case.objects.open().exclude(listing=held).delete()
    submit_appeal(listing=held, message="They really are.", by=outsider)
    with pytest.raises(NotAllowed):
        rule(held, Verdict.OVERTURN, admin)
    assert [next_case(by=by) for by in (admin, outsider)] == [None, None]
    assert next_case(by=second_admin) == case_of(held)
    assert rule(held, Verdict.OVERTURN, second_admin).status == "overturned"


def test_a_second_appeal_against_the_check_goes_to_somebody_else(
    held, admin, second_admin, outsider
):
    AdminFactory()
    for by in (admin, second_admin):
        submit_appeal(listing=held, message="They are mine.", by=outsider)
        rule(held, Verdict.UPHOLD, by)
    submit_appeal(listing=held, message="They really are.", by=outsider)
    with pytest.raises(NotAllowed):
        rule(held, Verdict.UPHOLD, admin)


def test_who_decided_about_an_earlier_content_may_judge_the_appeal(
    held, admin, second_admin, outsider, on_commit
):
    decide(held, Verdict.REQUEST_EDIT, admin)
    edit_listing(listing=held, by=outsider, title="A house with a garden")
    with on_commit():
        submit_listing(listing=held, by=outsider)
    decide(held, Verdict.REJECT, second_admin)
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    assert rule(held, Verdict.UPHOLD, admin).status == "upheld"


def test_one_open_appeal_at_a_time(held, outsider):
    submit_appeal(listing=held, message="They are mine.", by=outsider)
    with pytest.raises(Conflict) as refusal:
        submit_appeal(listing=held, message="Really.", by=outsider)
    assert refusal.value.code == "APPEAL_OPEN"


@pytest.mark.parametrize("verdict", LISTING_VERDICTS)
def test_nobody_decides_about_a_listing_of_their_own(admin, second_admin, on_commit, verdict):
    with on_commit():
        own = submitted(admin)
    with pytest.raises(NotAllowed) as refusal:
        decide(own, verdict, admin)
    assert str(refusal.value) == "This listing is yours. Another moderator must decide."
    decide(own, verdict, second_admin)


def test_nobody_approves_or_overrides_their_own_listing(admin, on_commit):
    with on_commit():
        own = submitted(admin)
    with pytest.raises(NotAllowed):
        decide_listing(listing=own, action="approve", reason="", by=admin)
    with pytest.raises(NotAllowed):
        override_risk(listing=own, decision="hold", notes="mine", version=None, by=admin)
    own.refresh_from_db()
    assert own.status == "pending_review"


def test_nobody_judges_an_appeal_of_their_own(admin, second_admin, on_commit):
    with on_commit():
        own = submitted(admin)
    decide(own, Verdict.REJECT, second_admin)
    submit_appeal(listing=own, message="It is good.", by=admin)
    with pytest.raises(NotAllowed):
        rule(own, Verdict.OVERTURN, admin)


def test_nothing_to_appeal_against_in_review(passed, poster):
    with pytest.raises(InvalidTransition):
        submit_appeal(listing=passed, message="Faster, please.", by=poster)
