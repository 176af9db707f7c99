"""The proof that the races are races: without locks and constraint each of them is lost."""

import pytest

from tests.visits.sabotage import sabotaged
from tests.visits.test_races import RACES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.mark.parametrize("race", RACES)
def test_without_locks_and_constraint_the_race_is_lost(race, monkeypatch):
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)
    with sabotaged(), pytest.raises(AssertionError):
        race()
