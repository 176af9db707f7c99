"""The acceptance of visits, line by line, over the API and with the login of the web."""

from collections import Counter

import pytest

from ghar.accounts.models import User
from tests.factories import LiveListingFactory, UserFactory
from tests.moderation.test_races import at_once
from tests.realtime.clients import Reader, stream_process, within
from tests.viewings.clients import with_login_of_the_web
from tests.visits.actions import at
from tests.visits.agents import an_agent
from visits import tasks
from visits.models import Agent

VISITS = "/api/v1/visits"
SECONDS = 2
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_of(api):
    return lambda user: with_login_of_the_web(api(user))


@pytest.fixture
def book(client_of):
    """Somebody books a tour over the API; the answer."""

    def post(by: User, *, listing=None, when=None, **body):
        wanted = {
            "property_id": str((listing or LiveListingFactory()).pk),
            "scheduled_date": (when or at(3, 10)).isoformat(),
        }
        return client_of(by).post(VISITS, wanted | body)

    return post


def booked(answer):
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.mark.django_db
def test_3_agents_30_tours_counts_differ_by_at_most_1(book):
    for name in ("Anna", "Benoit", "Chitra"):
        an_agent(name)
    tours = [booked(book(UserFactory(), when=at(3 + n, 10))) for n in range(30)]
    counts = Counter(tour["agent"]["name"] for tour in tours)
    assert sum(counts.values()) == 30
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.django_db
def test_all_agents_away_agent_null_assigned_later(
    book, client_of, admin, seeker, django_capture_on_commit_callbacks
):
    agent = an_agent()
    availability = f"/api/v1/agents/{agent.pk}/availability"
    as_admin = client_of(admin)
    assert as_admin.patch(availability, {"is_available": False}).status_code == 200
    tour = booked(book(seeker))
    assert tour["agent"] is None
    with django_capture_on_commit_callbacks(execute=True):
        assert as_admin.patch(availability, {"is_available": True}).status_code == 200
    tasks.assign_waiting()
    again = client_of(seeker).get(f"{VISITS}/{tour['id']}").json()
    assert again["agent"]["id"] == str(agent.pk)


@pytest.mark.django_db
def test_a_meet_without_a_match_is_refused(book, seeker, outsider):
    meet = {"visit_context": "flatmate_meet", "counterparty_user_id": str(outsider.pk)}
    answer = book(seeker, **meet)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NO_ACTIVE_MATCH")


@committed
@pytest.mark.race
def test_16_clients_on_one_slot_one_winner(book):
    an_agent()
    listing = LiveListingFactory()
    seekers = [UserFactory() for _ in range(16)]
    answers = at_once(*(lambda by=by: book(by, listing=listing) for by in seekers))
    won = [answer for answer in answers if answer.status_code == 201]
    lost = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 15)
    assert {error["code"] for error in lost} == {"VISIT_CONFLICT"}
    assert {len(error["details"]["alternatives"]) for error in lost} == {3}


@committed
def test_reschedule_list_and_cancel_each_seen_on_the_stream(book, client_of, seeker, agent, poster):
    Agent.objects.filter(pk=an_agent(user=agent).pk).update(languages=[seeker.language])
    listing = LiveListingFactory(owner=poster)
    with stream_process() as process, Reader(process.port, poster) as host:
        tour = seen(host, lambda: booked(book(seeker, listing=listing)))
        url, mine, theirs = f"{VISITS}/{tour['id']}", client_of(seeker), client_of(poster)
        assert [row["id"] for row in theirs.get(VISITS).json()["items"]] == [tour["id"]]
        new = {"new_date": at(4, 11).isoformat(), "reason": "The bus is on strike"}
        moved = seen(host, lambda: mine.post(f"{url}/reschedule", new).json())
        assert (moved["status"], moved["rescheduled_from"]) == (
            "rescheduled",
            tour["scheduled_date"],
        )
        ended = seen(host, lambda: mine.post(f"{url}/cancel", {"reason": "I found one"}).json())
        assert ended["status"] == "cancelled"
    upcoming = theirs.get(f"{VISITS}/upcoming").json()["items"]
    past = theirs.get(f"{VISITS}/past").json()["items"]
    assert ([row["id"] for row in upcoming], [row["id"] for row in past]) == ([], [tour["id"]])


def seen(reader: Reader, call):
    """The answer of the call, of which the reader has heard in time."""
    with within(SECONDS):
        answer = call()
        while (event := reader.next()).type != "visit_updated":
            pass
    assert event.data["object_id"] == answer["id"]
    return answer
