"""The events of a visit, one after the other, give its row."""

from io import StringIO

from django.core.management import CommandError, call_command
import pytest

from tests.visits.actions import at, complete, fresh, matched, meet, tour
from visits.models import Visit
from visits.services import closing, scheduling

pytestmark = pytest.mark.django_db


def run(*options: str) -> str:
    out = StringIO()
    call_command("fold_visits", *options, stdout=out)
    return out.getvalue()


def test_whatever_happens_the_events_fold_to_the_row(
    confirmed, listing, seeker, poster, peer, agent
):
    matched(seeker, peer)
    meeting = meet(listing, seeker, peer, day=4)
    scheduling.reschedule_visit(visit=confirmed, new_date=at(5, 10), by=seeker)
    scheduling.confirm_visit(visit=fresh(confirmed), by=poster)
    scheduling.edit_visit(visit=confirmed, changes={"interest_level": 5}, by=seeker)
    complete(confirmed, agent, notes="Liked it")
    closing.cancel_visit(visit=meeting, reason="ill", by=peer)
    closing.undo_step(visit=meeting, by=peer)
    tour(confirmed.listing, seeker, day=8)
    assert run("--check") == "3 visits, 0 differ from their events.\n"


def test_a_row_that_was_changed_past_its_events_is_found(visit, confirmed):
    Visit.objects.filter(pk=visit.pk).update(visit_notes="forged", scheduled_date=at(9, 9))
    with pytest.raises(CommandError):
        run("--check")
    told = run()
    assert "visit_notes: 'forged', its events say ''" in told
    assert "scheduled_date" in told
    assert told.endswith("1 visits, 1 differ from their events.\n")
