import datetime as dt
import time

import pytest

from ghar.lib.claim import LEASE, MAX_ATTEMPTS, claim_due, take_in_hand, turns
from ghar.properties.models import ImageJob, Upload

NOW = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(poster):
    upload = Upload.objects.create(owner=poster, purpose="evidence", folder="x")
    return ImageJob.objects.create(upload=upload, due_at=NOW)


def test_a_claimed_row_is_leased(job):
    assert claim_due(ImageJob.objects.all(), now=NOW) == [job]
    assert claim_due(ImageJob.objects.all(), now=NOW) == []


def test_a_row_of_a_dead_worker_is_due_again_after_its_lease(job):
    claim_due(ImageJob.objects.all(), now=NOW)
    assert claim_due(ImageJob.objects.all(), now=NOW + LEASE) == [job]


def test_a_row_of_the_future_waits(job):
    assert claim_due(ImageJob.objects.all(), now=NOW - dt.timedelta(seconds=1)) == []


def test_a_poison_row_is_dead_after_five_tries(job):
    moment = NOW
    for _ in range(MAX_ATTEMPTS):
        assert claim_due(ImageJob.objects.all(), now=moment) == [job]
        moment += LEASE
    assert claim_due(ImageJob.objects.all(), now=moment) == []
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("dead", MAX_ATTEMPTS)


def test_each_further_lease_is_longer(job):
    def claimed_at(seconds: int) -> list[ImageJob]:
        moment = NOW + dt.timedelta(seconds=seconds)
        return claim_due(
            ImageJob.objects.all(), now=moment, lease=dt.timedelta(seconds=2), growth=3
        )

    found = [seconds for seconds in range(60) if claimed_at(seconds)]
    assert found == [0, 2, 2 + 6, 2 + 6 + 18]


def test_rows_that_were_tried_more_often_are_leased_for_longer_beside_the_others(job):
    upload = Upload.objects.create(owner=job.upload.owner, purpose="evidence", folder="y")
    other = ImageJob.objects.create(upload=upload, due_at=NOW, attempts=1)
    lease = dt.timedelta(seconds=2)
    claimed = claim_due(ImageJob.objects.all(), now=NOW, lease=lease, growth=3)
    for row, seconds, attempts in ((job, 2, 1), (other, 6, 2)):
        row.refresh_from_db()
        assert (row.lease_until - NOW).total_seconds() == seconds
        assert row.attempts == attempts
    assert {(row.pk, row.lease_until, row.attempts) for row in claimed} == {
        (row.pk, row.lease_until, row.attempts) for row in (job, other)
    }


def line_up(moment: dt.datetime) -> list[ImageJob]:
    return claim_due(ImageJob.objects.all(), now=moment, lease=dt.timedelta(seconds=2), tries=0)


def test_a_row_in_hand_is_leased_for_its_own_work(job):
    (claimed,) = line_up(NOW)
    assert take_in_hand(claimed, now=NOW)
    assert line_up(NOW + dt.timedelta(seconds=3)) == []


def test_a_row_that_another_worker_has_claimed_since_is_not_taken(job):
    (slow,) = line_up(NOW)
    later = NOW + dt.timedelta(seconds=3)
    line_up(later)
    assert not take_in_hand(slow, now=later)


def test_to_wait_in_line_is_no_try(job):
    for second in range(0, 60, 3):
        (claimed,) = line_up(NOW + dt.timedelta(seconds=second))
    take_in_hand(claimed, now=NOW)
    job.refresh_from_db()
    assert (claimed.attempts, job.attempts) == (1, 1)


def test_a_task_with_no_end_of_work_leaves_the_rest_to_the_next_run(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    taken = 0
    for _turn in turns():
        taken += 1
        now[0] += 25.0
    assert taken == 3
