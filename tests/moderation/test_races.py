"""Real transactions at the same moment. GHAR_RACE_ROUNDS=50 runs the acceptance number."""

from concurrent.futures import ThreadPoolExecutor
import os
from threading import Barrier

from django.db import connection
import pytest

from ghar.properties.models import Property
from ghar.properties.services.listings import submit_listing
from moderation.models import Case
from moderation.services.decisions import override_risk
from tests.factories import AdminFactory, UserFactory
from tests.moderation.listings import ELSEWHERE, FACTS, make_listing
from tests.moderation.pictures import draw, resaved

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("GHAR_RACE_ROUNDS", "3"))


def at_once(*calls) -> list:
    """Run the calls on connections of their own, all starting together; errors are answers."""
    start = Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 -- compared by the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_two_simultaneous_reposts_of_one_photo_at_least_one_is_held(round_):
    room = draw(1000 + round_)
    drafts = [
        make_listing(UserFactory(), pictures=[picture, draw(2000 + 10 * round_ + n)], **facts)
        for n, (picture, facts) in enumerate([(room, FACTS), (resaved(room), ELSEWHERE)])
    ]
    answers = at_once(
        *(lambda draft=draft: submit_listing(listing=draft, by=draft.owner) for draft in drafts)
    )
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    found = Property.objects.filter(pk__in=[draft.pk for draft in drafts])
    assert sorted(found.values_list("status", flat=True)) == ["hold_for_review", "pending_review"]


def test_of_two_reviewers_at_once_one_decides():
    listing = make_listing(UserFactory(), pictures=[draw(3000), draw(3001)])
    submit_listing(listing=listing, by=listing.owner)
    version = Case.objects.get(listing=listing).version
    first, second = AdminFactory(), AdminFactory()
    answers = at_once(
        *(
            lambda by=by, decision=decision: override_risk(
                listing=listing, decision=decision, notes="seen", version=version, by=by
            )
            for by, decision in ((first, "hold"), (second, "reject"))
        )
    )
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error.code for error in refused] == ["STALE_CASE"]
