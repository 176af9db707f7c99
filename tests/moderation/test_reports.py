import datetime as dt

from django.db import IntegrityError, transaction
import pytest
import time_machine

from ghar.accounts.personal import export
from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed, RateLimited
from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.notifications.services.preferences import register_device
from ghar.properties.services.listings import edit_listing, pause_listing
from moderation.models import Case, Report, Sanction
from moderation.services.cases import StaleCase, claim_case, next_case
from moderation.services.pauses import release_overdue_pauses
from moderation.services.reports import decide_report, forget_old_report_evidence
from moderation.services.sanctions import lift_suspension
from moderation.signals import person_paused, person_released
from tests.factories import LiveListingFactory, SeekerSessionFactory, UserFactory
from tests.moderation.reported import WORDS, grown_up, report, report_again

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def heard():
    """What the apps above hear: (signal, person)."""
    calls = []
    listeners = {
        person_paused: lambda person, **_: calls.append(("paused", person)),
        person_released: lambda person, **_: calls.append(("released", person)),
    }
    for signal, listener in listeners.items():
        signal.connect(listener)
    yield calls
    for signal, listener in listeners.items():
        signal.disconnect(listener)


@pytest.fixture
def live(poster):
    return LiveListingFactory(owner=poster)


def the_case() -> Case:
    return Case.objects.get(kind="report")


def decide(row, action, by, **kwargs):
    return decide_report(report=row, action=action, notes="looked at it", by=by, **kwargs)


def paused_by_three(person, **facts):
    return [report(person, **facts) for _ in range(3)]


# --- filing
def test_a_report_keeps_the_words_and_the_evidence_and_opens_one_case(poster, seeker):
    with time_machine.travel(NOW, tick=False):
        row = report(poster, by=seeker)
        report(poster, reason="spam")
    assert (row.notes, row.evidence) == (WORDS, {"profile": {"bio": "Quiet and tidy."}})
    case = the_case()
    assert (case.person, case.listing, case.due_at) == (poster, None, NOW + DAY)
    assert case.reasons == ["abuse", "spam"]


def test_a_second_report_of_the_same_answers_the_first_unchanged(poster, seeker):
    first, is_new = report_again(poster, by=seeker)
    again, is_new_too = report_again(poster, by=seeker, reason="spam", notes="Other words.")
    assert (is_new, is_new_too, again) == (True, False, first)
    first.refresh_from_db()
    assert (first.reason, first.notes) == ("abuse", WORDS)


def test_a_person_and_one_of_their_listings_are_reported_apart(poster, seeker, live):
    report(poster, by=seeker)
    report(poster, by=seeker, listing=live)
    targets = Case.objects.filter(kind="report").values_list("person", "listing")
    assert set(targets) == {(poster.pk, None), (None, live.pk)}


def test_nobody_reports_oneself_or_a_listing_of_another(poster, seeker, live):
    with pytest.raises(Invalid):
        report(seeker, by=seeker)
    with pytest.raises(Invalid) as refusal:
        report(seeker, by=poster, listing=LiveListingFactory())
    assert list(refusal.value.details["fields"]) == ["property_id"]


def test_the_twenty_first_report_of_a_day_has_to_wait(seeker):
    with time_machine.travel(NOW, tick=False) as moment:
        for _ in range(20):
            report(UserFactory(), by=seeker)
        moment.shift(HOUR)
        with pytest.raises(RateLimited) as refusal:
            report(UserFactory(), by=seeker)
        assert refusal.value.retry_after == 23 * 60 * 60
        moment.shift(23 * HOUR)
        report(UserFactory(), by=seeker)
    assert Report.objects.filter(reporter=seeker).count() == 21


def test_a_repeat_is_not_counted_and_never_limited(seeker, poster, settings):
    settings.LIMITS = settings.LIMITS | {"reports": (1, 86400, "account")}
    report(poster, by=seeker)
    assert report_again(poster, by=seeker)[1] is False


def test_one_open_report_is_held_by_the_database(seeker, poster, live):
    for facts in ({}, {"listing": live}):
        row = report(poster, by=seeker, **facts)
        row.pk = None
        with pytest.raises(IntegrityError, match="report_one_open"), transaction.atomic():
            row.save(force_insert=True)


def test_reporters_may_leave_one_after_another(poster):
    for row in (report(poster), report(poster)):
        row.reporter.delete()
    assert Report.objects.filter(reporter=None, notes=WORDS).count() == 2


def test_filing_costs_few_statements(seeker, poster, live, django_assert_max_num_queries):
    report(poster), report(poster, listing=live)
    for facts in ({}, {"listing": live}):
        with django_assert_max_num_queries(10):  # two are the savepoint of the test
            report(poster, by=seeker, **facts)


# --- three people
def test_the_third_person_takes_the_profile_out_of_sight_once(poster, heard):
    with time_machine.travel(NOW, tick=False):
        report(poster), report(poster)
        assert heard == []
        report(poster), report(poster)
    assert heard == [("paused", poster)]
    assert (the_case().target_paused_at, the_case().is_target_paused) == (NOW, True)
    assert AuditEvent.objects.filter(action="person_paused").count() == 1


def test_the_third_person_takes_the_listing_out_of_sight_and_leaves_the_person(live, heard):
    paused_by_three(live.owner, listing=live)
    live.refresh_from_db()
    assert (live.status, live.is_paused_by_moderation, live.pause_reason) == (
        "paused",
        True,
        "reports",
    )
    assert heard == []
    assert Notification.objects.get(user=live.owner).type == "listing_paused"


def test_a_listing_that_is_not_live_is_only_queued(live):
    pause_listing(listing=live, by=live.owner)
    paused_by_three(live.owner, listing=live)
    live.refresh_from_db()
    assert (live.is_paused_by_moderation, the_case().target_paused_at) == (False, None)


def test_accounts_younger_than_a_day_count_together_as_one(poster, heard):
    for _ in range(5):
        report(poster, by=UserFactory())
    assert heard == []
    report(poster), report(poster)
    assert heard == [("paused", poster)]


def test_accounts_that_share_a_push_device_count_together_as_one(poster, heard):
    for _ in range(3):
        person = grown_up()
        register_device(user=person, platform="android", token="the one phone")
        report(poster, by=person)
    assert heard == []


def test_accounts_that_share_a_verified_phone_count_together_as_one(poster, heard):
    owner = grown_up(phone="+250788000111")
    others = [grown_up(), grown_up()]
    for person in others:
        SeekerSessionFactory(
            claimed_by=person, contact_phone=owner.phone, contact_verified_at=clock.now()
        )
    for person in (owner, *others):
        report(poster, by=person)
    assert heard == []


def test_a_number_that_nobody_verified_links_nobody(poster, heard):
    for _ in range(3):
        person = grown_up()
        SeekerSessionFactory(claimed_by=person, contact_phone="+250788000111")
        report(poster, by=person)
    assert heard == [("paused", poster)]


def test_what_links_reporters_is_stored_as_hashes_alone(poster):
    person = grown_up(phone="+250788000111")
    register_device(user=person, platform="ios", token="a-device")
    links = report(poster, by=person).links
    assert len(links) == 2
    assert not any("788000111" in link or "a-device" in link for link in links)


def test_what_links_reporters_is_forgotten_with_the_decision(poster, admin, second_admin):
    row = report(poster, by=grown_up(phone="+250788000111"))
    for action, count, by in (("escalate", 1, admin), ("dismiss", 0, second_admin)):
        decide(row, action, by)
        row.refresh_from_db()
        assert len(row.links) == count


def test_a_reporter_whose_reports_were_dismissed_weighs_less(poster, outsider, admin, heard):
    wolf = grown_up()
    decide(report(outsider, by=wolf), "dismiss", admin)
    heard.clear()
    report(poster, by=wolf), report(poster), report(poster)
    assert heard == []
    report(poster)
    assert heard == [("paused", poster)]


def test_after_half_a_year_a_dismissal_is_forgotten(poster, outsider, admin, heard):
    with time_machine.travel(NOW, tick=False) as moment:
        wolf = grown_up()
        decide(report(outsider, by=wolf), "dismiss", admin)
        moment.shift(181 * DAY)
        heard.clear()
        report(poster, by=wolf), report(poster), report(poster)
    assert heard == [("paused", poster)]


def test_what_was_judged_fine_is_shielded_until_it_changes(poster, admin, heard):
    decide(report(poster, content_mark="v1"), "dismiss", admin)
    heard.clear()
    paused_by_three(poster, content_mark="v1")
    assert (heard, the_open_case().reasons) == ([], ["abuse"])
    report(poster, content_mark="v2")
    assert heard == [("paused", poster)]


def the_open_case() -> Case:
    return Case.objects.open().get(kind="report")


def test_a_later_warning_ends_the_shield(poster, admin, heard):
    for action in ("dismiss", "warn_user"):
        decide(report(poster), action, admin)
    heard.clear()
    paused_by_three(poster)
    assert heard == [("paused", poster)]


# --- deciding
def test_dismissing_brings_the_person_back_and_tells_each_reporter_once(poster, admin, heard):
    rows = paused_by_three(poster)
    decide(rows[1], "dismiss", admin)
    assert heard == [("paused", poster), ("released", poster)]
    assert set(Report.objects.values_list("status", "action", "decided_by")) == {
        ("dismissed", "dismiss", admin.pk)
    }
    told = Notification.objects.filter(type="report_outcome")
    assert {row.user_id for row in told} == {row.reporter_id for row in rows}
    assert told.count() == 3
    assert "nothing against our rules" in told[0].body
    assert not Notification.objects.filter(user=poster).exists()
    assert AuditEvent.objects.filter(action="report_dismissed").count() == 3
    assert the_case().status == "decided"


def test_dismissing_brings_the_listing_back(live, admin):
    decide(paused_by_three(live.owner, listing=live)[0], "dismiss", admin)
    live.refresh_from_db()
    assert (live.status, live.is_paused_by_moderation, live.pause_reason) == ("live", False, "")
    assert told(live.owner) == [f"{live} is paused", f"{live} is live again"]


def told(person) -> list[str]:
    lines = Notification.objects.filter(user=person).order_by("created_at", "id")
    return list(lines.values_list("title", flat=True))


def test_a_listing_edited_meanwhile_comes_back_live_after_its_check(live, admin):
    row = paused_by_three(live.owner, listing=live)[0]
    edit_listing(listing=live, by=live.owner, title="Another sunny room with its own door")
    live.refresh_from_db()
    assert (live.status, live.resume_to, live.pause_reason) == ("submitted", "paused", "reports")
    decide(row, "dismiss", admin)
    live.refresh_from_db()
    assert (live.status, live.resume_to, live.pause_reason) == ("submitted", "live", "")
    assert live.is_paused_by_moderation is False
    assert len(told(live.owner)) == 1  # of the pause


def test_a_warning_is_read_by_the_person_and_not_by_the_reporter(poster, admin, heard):
    rows = paused_by_three(poster)
    decide(rows[0], "warn_user", admin, message="Please stop asking for deposits.")
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.person, sanction.report) == ("warning", poster, rows[0])
    assert sanction.message == "Please stop asking for deposits."
    told = Notification.objects.filter(type="report_outcome")
    assert {row.body for row in told} == {
        "We looked into what you reported, and we acted. Thank you for keeping this place safe."
    }
    assert ("released", poster) in heard


def test_without_words_of_the_moderator_the_person_reads_kind_ones(poster, admin):
    poster.language = "en"
    poster.save()
    decide(report(poster, reason="spam"), "warn_user", admin)
    assert "not to advertise" in Sanction.objects.get().message


def test_a_suspension_keeps_the_target_down_until_it_ends(poster, admin, second_admin, heard):
    decide(paused_by_three(poster)[0], "suspend_user", admin)
    poster.refresh_from_db()
    assert poster.is_suspended
    assert ("released", poster) not in heard
    lift_suspension(sanction=Sanction.objects.get(), note="Too harsh.", by=second_admin)
    assert heard[-1] == ("released", poster)


def test_the_same_decision_again_changes_nothing(poster, admin, second_admin, heard):
    row = report(poster)
    decide(row, "dismiss", admin)
    heard.clear()
    again = decide(row, "dismiss", second_admin)
    assert (again.decided_by, heard) == (admin, [])
    assert Notification.objects.filter(type="report_outcome").count() == 1


def test_another_decision_afterwards_is_refused(poster, admin):
    row = report(poster)
    decide(row, "dismiss", admin)
    with pytest.raises(InvalidTransition):
        decide(row, "warn_user", admin)
    assert not Sanction.objects.exists()


def test_an_escalated_case_is_sooner_due_and_for_somebody_else(poster, admin, second_admin, heard):
    with time_machine.travel(NOW, tick=False):
        row = report(poster)
        decide(row, "escalate", admin)
        case = the_case()
        assert (case.status, case.due_at, case.escalated_by) == ("open", NOW + 4 * HOUR, admin)
        assert heard == []
        assert not Notification.objects.exists()
        with pytest.raises(NotAllowed):
            decide(row, "dismiss", admin)
        assert next_case(by=admin) is None
        assert next_case(by=second_admin) == case
        decide(row, "warn_user", second_admin)
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("actioned", second_admin)


def test_what_waits_after_an_escalation_is_decided_together(poster, admin, second_admin):
    decide(report(poster), "escalate", admin)
    decide(report(poster), "dismiss", second_admin)
    assert set(Report.objects.values_list("status", flat=True)) == {"dismissed"}


def test_nobody_judges_what_is_about_oneself(admin, second_admin, poster):
    for row in (report(second_admin), report(poster, by=second_admin)):
        with pytest.raises(NotAllowed):
            decide(row, "dismiss", second_admin)
    with pytest.raises(NotAllowed):
        decide(report(poster), "dismiss", poster)


def test_a_case_that_another_holds_is_not_decided(poster, admin, second_admin):
    row = report(poster)
    claim_case(case=the_case(), by=second_admin)
    with pytest.raises(Conflict) as refusal:
        decide(row, "dismiss", admin)
    assert refusal.value.code == "CASE_CLAIMED"


def test_new_words_make_the_version_that_was_read_stale(poster, admin):
    row = report(poster)
    version = the_case().version
    report(poster)
    with pytest.raises(StaleCase):
        decide(row, "dismiss", admin, version=version)


def test_a_stale_version_tells_what_the_other_decided(poster, admin, second_admin):
    row = report(poster)
    version = the_case().version
    decide(row, "dismiss", admin)
    with pytest.raises(StaleCase) as refusal:
        decide(row, "warn_user", second_admin, version=version)
    assert refusal.value.details["decision"]["decision"] == "dismiss"
    assert refusal.value.details["decision"]["decided_by"] == "Ada A."


def test_new_reports_after_a_decision_open_a_new_case(poster, admin):
    decide(report(poster), "warn_user", admin)
    report(poster)
    assert set(Case.objects.values_list("status", "version")) == {("decided", 2), ("open", 3)}


# --- time
def test_a_pause_that_nobody_reviewed_ends_after_a_day_and_is_not_repeated(poster, heard):
    with time_machine.travel(NOW, tick=False) as moment:
        paused_by_three(poster)
        moment.shift(DAY - dt.timedelta(seconds=1))
        assert release_overdue_pauses(now=clock.now()) == 0
        moment.shift(1)
        assert [release_overdue_pauses(now=clock.now()) for _ in range(2)] == [1, 0]
        report(poster)
    assert heard == [("paused", poster), ("released", poster)]
    case = the_case()
    assert (case.status, case.is_target_paused) == ("open", False)
    assert case.target_paused_at == NOW


def test_an_overdue_listing_is_live_again(live):
    paused_by_three(live.owner, listing=live)
    assert release_overdue_pauses(now=clock.now() + DAY) == 1
    live.refresh_from_db()
    assert (live.status, live.is_paused_by_moderation) == ("live", False)
    assert told(live.owner) == [f"{live} is paused", f"{live} is live again"]


def test_a_suspension_is_no_overdue_review(poster, admin, heard):
    decide(paused_by_three(poster)[0], "suspend_user", admin)
    assert release_overdue_pauses(now=clock.now() + 2 * DAY) == 0


def test_the_evidence_is_forgotten_after_half_a_year_and_the_words_stay(poster):
    row = report(poster)
    assert forget_old_report_evidence(now=clock.now() + 179 * DAY) == 0
    assert [forget_old_report_evidence(now=clock.now() + 181 * DAY) for _ in range(2)] == [1, 0]
    row.refresh_from_db()
    assert (row.evidence, row.notes) == ({}, WORDS)


def test_an_export_holds_what_one_said_of_others_and_nothing_said_of_oneself(poster, seeker):
    report(poster, by=seeker)
    mine, theirs = export(seeker)["reports"], export(poster)["reports"]
    assert [(row["reported_id"], row["notes"]) for row in mine["reports"]] == [(poster.pk, WORDS)]
    assert theirs == {"reports": [], "blocks": []}
