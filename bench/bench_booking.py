"""Agreeing on a time, with all that is written and told, against one bare INSERT."""

import datetime as dt

import pytest

from bench.timing import compare
from ghar.lib import clock
from tests.factories import LiveListingFactory, UserFactory
from viewings.models import ViewingRequest
from viewings.policies.booking import ProposedTime
from viewings.services.requests import create_request
from viewings.services.scheduling import confirm_viewing


@pytest.mark.django_db
def bench_confirm_a_viewing():
    listing, seeker = LiveListingFactory(), UserFactory()
    waiting = []
    for number in range(20):
        start = clock.now() + dt.timedelta(days=2, hours=number)
        times = [ProposedTime(start, start + dt.timedelta(minutes=30), "Africa/Kigali")]
        waiting.append(create_request(listing=listing, by=UserFactory(), times=times))

    def confirm():
        viewing = waiting.pop()
        confirm_viewing(viewing=viewing, option=viewing.options.get(), by=listing.owner)

    def insert():
        other = LiveListingFactory.build(owner=listing.owner)
        other.save()
        ViewingRequest.objects.create(listing=other, seeker=seeker, poster=listing.owner)

    compare("confirming against a listing and a request inserted", confirm, insert, rounds=12)
