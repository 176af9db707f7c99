"""Many at once, on real transactions: one account, one restoring, no fault shown to anybody."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import threading

from django.db import connections
import pytest

from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CLIENTS = 8


def statuses(call):
    """How the answers to so many calls at one moment came out."""
    start = threading.Barrier(CLIENTS)

    def run(_):
        start.wait()
        try:
            return call().status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(run, range(CLIENTS)))


def test_an_identifier_is_taken_once(api):
    body = {"identifier": "one@example.org", "password": PASSWORD, "full_name": "One"}
    came = statuses(lambda: api().post("/api/v1/auth/register", body))
    assert came == {201: 1, 409: CLIENTS - 1}


def test_an_account_is_restored_once(api, seeker):
    api(seeker).delete("/api/v1/users/me", {"password": PASSWORD})
    body = {"identifier": seeker.email, "password": PASSWORD}
    came = statuses(lambda: api().post("/api/v1/users/me/restore", body))
    assert came == {200: 1, 401: CLIENTS - 1}
