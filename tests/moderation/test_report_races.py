"""Reports of the same moment, on real transactions. GHAR_RACE_ROUNDS=25 runs the acceptance number."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from ghar.audit.models import AuditEvent
from moderation.models import Block, Case, Report
from moderation.services.blocks import block_person
from moderation.signals import person_paused, user_blocked
from tests.factories import LiveListingFactory
from tests.moderation.reported import grown_up, report
from tests.moderation.test_races import ROUNDS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paused():
    """Whom the apps above are told to hide, as often as they are told."""
    people = []

    def listen(person, **kwargs):
        people.append(person)

    person_paused.connect(listen)
    yield people
    person_paused.disconnect(listen)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_second_and_the_third_report_together_pause_exactly_once(round_, paused):
    person = grown_up()
    report(person)
    others = [grown_up(), grown_up()]
    answers = at_once(*(lambda by=by: report(person, by=by) for by in others))
    assert [type(answer) for answer in answers] == [Report, Report]
    assert paused == [person]
    assert Case.objects.get(kind="report", person=person).is_target_paused


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_four_first_reports_together_open_one_case_and_pause_a_listing_once(round_):
    listing = LiveListingFactory()
    others = [grown_up() for _ in range(4)]
    answers = at_once(
        *(lambda by=by: report(listing.owner, by=by, listing=listing) for by in others)
    )
    assert [type(answer) for answer in answers] == [Report] * 4
    assert Case.objects.filter(kind="report", listing=listing).count() == 1
    trail = AuditEvent.objects.filter(action="listing_paused", target_id=str(listing.pk))
    assert trail.count() == 1


def test_one_reporter_at_once_files_one_report():
    person, by = grown_up(), grown_up()
    answers = at_once(*(lambda: report(person, by=by) for _ in range(4)))
    assert len({answer.pk for answer in answers}) == 1


def test_two_who_report_each_other_do_not_wait_for_each_other_for_ever():
    for _ in range(ROUNDS):
        one, other = grown_up(), grown_up()
        pairs = [(one, other), (other, one)]
        answers = at_once(*(lambda pair=pair: report(pair[0], by=pair[1]) for pair in pairs))
        assert [type(answer) for answer in answers] == [Report, Report]


def test_the_limit_of_a_day_holds_at_once(settings):
    settings.LIMITS = settings.LIMITS | {"reports": (2, 86400, "account")}
    by, people = grown_up(), [grown_up() for _ in range(5)]
    answers = at_once(*(lambda person=person: report(person, by=by) for person in people))
    refused = [answer.code for answer in answers if isinstance(answer, Exception)]
    assert refused == ["RATE_LIMITED"] * 3
    assert Report.objects.filter(reporter=by).count() == 2


def test_blocks_made_at_once_both_ways_stand_and_are_heard_once_each():
    heard = []

    def listen(blocker, blocked, **kwargs):
        heard.append((blocker.pk, blocked.pk))

    user_blocked.connect(listen)
    one, other = grown_up(), grown_up()
    try:
        at_once(
            *(lambda: block_person(target=other, by=one) for _ in range(3)),
            *(lambda: block_person(target=one, by=other) for _ in range(3)),
        )
    finally:
        user_blocked.disconnect(listen)
    assert sorted(heard) == sorted([(one.pk, other.pk), (other.pk, one.pk)])
    assert Block.objects.count() == 2


def test_filing_locks_the_people_before_anything_else():
    person, by = grown_up(), grown_up()
    with CaptureQueriesContext(connection) as queries:
        report(person, by=by)
    statements = [
        row["sql"] for row in queries if not row["sql"].startswith(("SAVEPOINT", "BEGIN"))
    ]
    assert "FOR NO KEY UPDATE" in statements[0]
    assert 'ORDER BY "users"."id"' in statements[0]
