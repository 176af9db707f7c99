"""One message for many rows that ask for the same."""

from celery import shared_task
import pytest

from ghar.lib.wake import wake, woken_once

pytestmark = pytest.mark.django_db


calls = []


@shared_task(name="tests.wake")
def take(*what):
    calls.append(what)


@pytest.fixture
def woken():
    calls.clear()
    return calls


def test_a_task_is_called_with_the_commit(woken, on_commit):
    with on_commit():
        wake("tests.wake", 1)
        assert woken == []
    assert woken == [(1,)]


def test_of_many_commits_together_each_call_is_made_once_at_the_end(woken, on_commit):
    with woken_once():
        for what in (1, 2, 1):
            with on_commit():
                wake("tests.wake", what)
        assert woken == []
    assert woken == [(1,), (2,)]
