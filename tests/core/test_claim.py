import datetime as dt

import pytest

from ghar.lib.claim import LEASE, MAX_ATTEMPTS, claim_due
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
