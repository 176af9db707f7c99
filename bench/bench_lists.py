"""Server CPU of a public list of twenty, beside the bare query for the same rows."""

import time

from django.test import Client
import pytest

from bench.timing import compare, median_ms
from ghar.properties.models import Property
from ghar.properties.serializers import public_answers, public_rows
from tests.factories import LiveListingFactory, PhotoFactory


@pytest.mark.django_db
def bench_list_of_listings():
    for _ in range(20):
        LiveListingFactory()
    client = Client()

    def by_api():
        assert len(client.get("/api/v1/properties").json()["items"]) == 20

    def by_query():
        return list(Property.objects.live().values()[:20])

    cpu = median_ms(by_api, rounds=30, clock=time.process_time)
    print(f"\na list of twenty listings: {cpu:.1f} ms of CPU, test client and middleware included")
    compare("the same beside its bare query", by_query, by_api, clock=time.process_time)


@pytest.mark.django_db
def bench_answers_of_twenty_listings():
    """What we do ourselves once the rows are there; the budget of a hot list."""
    for _ in range(20):
        listing = LiveListingFactory()
        PhotoFactory.create_batch(4, listing=listing)
    rows = list(public_rows(Property.objects.live()))
    cpu = median_ms(lambda: public_answers(rows), rounds=30, clock=time.process_time)
    print(f"\nanswers of twenty listings: {cpu:.1f} ms of CPU, of 4 that they may take")
