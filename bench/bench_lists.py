"""Server CPU of a public list of twenty, beside the bare query for the same rows."""

import time

from django.test import Client
import pytest

from bench.timing import compare, median_ms
from ghar.properties.models import Property
from tests.factories import LiveListingFactory


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
