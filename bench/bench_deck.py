"""The deck of somebody who has swiped twenty thousand of sixty thousand people, and long lists."""

import datetime as dt
from functools import partial

from django.db import connection
from django.test.utils import CaptureQueriesContext
import pytest

from bench.timing import compare
from flatmates.models import Conversation, Match, Participant, Profile, Swipe
from flatmates.search import ORDER, deck_of
from flatmates.serializers.people import peer_card
from ghar.accounts.models import User
from ghar.api.pages import paginate
from ghar.lib import clock
from ghar.lib.pairs import canonical
from tests.factories import ApiTokenFactory, ProfileFactory, bearer

PEOPLE, SWIPED, MATCHES, PAGE = 60_000, 20_000, 3_000, 50
MOST_STATEMENTS = 4
CITIES = ("Kigali", "Bengaluru", "Huye", "Musanze")


def crowd(number):
    """Half of them have deal-breakers, all were active at some hour of the last month."""
    users = [
        User(full_name=f"Asha Number{n}", email=f"crowd{n}@example.org") for n in range(number)
    ]
    User.objects.bulk_create(users, batch_size=5_000)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    Profile.objects.bulk_create(
        (
            Profile(
                user=user,
                status="active",
                onboarding_completed=True,
                mode="co_hunter",
                age=20 + n % 40,
                city=CITIES[n % len(CITIES)],
                currency="RWF",
                smoking=("", "never", "regularly")[n % 3],
                non_negotiables=["no_smoking"] if n % 2 else [],
                last_active_at=hour - dt.timedelta(hours=n * 7919 % 720),
            )
            for n, user in enumerate(users)
        ),
        batch_size=5_000,
    )
    return users


def swiped(user, users):
    """The most recently active first, as it happens: what the deck has to step over."""
    Swipe.objects.bulk_create(
        (Swipe(user=user, target_user=other, action="pass") for other in users), batch_size=5_000
    )


def settled():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def page_at(me, number, filters):
    """The cursor that leads to a page."""
    cursor = None
    for _ in range(number - 1):
        params = {"cursor": cursor} if cursor else {}
        cursor = paginate(deck_of(me, filters), params=params, order=ORDER).next_cursor
    return {"cursor": cursor} if cursor else {}


def cards(me, params, filters):
    page = paginate(deck_of(me, filters).for_cards(), params=params, order=ORDER)
    assert len([peer_card(row, viewer_profile=me) for row in page.rows]) == 20


@pytest.mark.django_db
def bench_deck_of_sixty_thousand():
    me = ProfileFactory(smoking="never", gender_preference="any")
    crowd(PEOPLE)
    latest = Profile.objects.exclude(pk=me.pk).order_by(*ORDER).values_list("user_id", flat=True)
    swiped(me.user, [User(pk=pk) for pk in latest[:SWIPED]])
    settled()
    for name, filters in (("deck", {}), ("deck of a city", {"city": "Kigali"})):
        params = page_at(me, PAGE, filters)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            cards(me, params, filters)
        assert len(asked) <= MOST_STATEMENTS
        explain(f"{name}, page {PAGE}", asked[0]["sql"])
        first, deep = (partial(cards, me, p, filters) for p in ({}, params))
        ratio = compare(f"{name}, page 1 against page {PAGE}", first, deep)
        assert ratio <= 1.5


@pytest.mark.django_db
def bench_conversations_of_three_thousand_matches(client):
    me = ProfileFactory().user
    others = crowd(MATCHES)
    pairs = [canonical(me.pk, other.pk) for other in others]
    chats = [
        Conversation(first_id=one, second_id=two, source="profile_match", accepted_at=clock.now())
        for one, two in pairs
    ]
    Conversation.objects.bulk_create(chats)
    Match.objects.bulk_create(
        Match(first_id=c.first_id, second_id=c.second_id, conversation=c) for c in chats
    )
    Participant.objects.bulk_create(
        Participant(conversation=chat, user_id=one, peer_id=two)
        for chat, other in zip(chats, others, strict=True)
        for one, two in ((me.pk, other.pk), (other.pk, me.pk))
    )
    settled()
    for route in ("conversations", "matches"):
        headers = {"Authorization": bearer(ApiTokenFactory(user=me))}
        first = f"/api/v1/flatmates/{route}"
        deep = first
        for _ in range(PAGE - 1):
            cursor = client.get(deep, headers=headers).json()["next_cursor"]
            deep = f"{first}?cursor={cursor}"
        ends = (partial(client.get, address, headers=headers) for address in (first, deep))
        ratio = compare(f"{route}, page 1 against page {PAGE}", *ends)
        assert ratio <= 1.5


def explain(name, statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}")
        print(f"\n{name}:\n" + "\n".join(line for (line,) in cursor.fetchall()))
