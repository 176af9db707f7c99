"""Acceptance of flatmates, line by line, over the API and with the login of the web."""

import datetime as dt
import itertools
import json

from django.db import transaction
import pytest
import time_machine

from flatmates import tasks
from flatmates.models import Conversation, Match, Profile, Swipe
from flatmates.services.conversations import open_conversation
from flatmates.services.profile_review import review_profile
from flatmates.states import ConversationSource
from ghar.audit.models import AuditEvent
from ghar.lib import clock
from ghar.lib.pairs import lock_pair
from ghar.notifications.models import Notification
from ghar.properties.models import Property
from ghar.realtime.models import Event
from tests.factories import LiveListingFactory, ProfileFactory
from tests.flatmates.people import match_of
from tests.moderation.listings import submitted
from tests.moderation.reported import grown_up
from tests.moderation.test_races import at_once
from tests.realtime.clients import Reader, stream_process, within
from tests.viewings.clients import with_login_of_the_web

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
FLATMATES = f"{V1}/flatmates"
SECONDS = 2


@pytest.fixture
def people():
    """Asha and Mira, who are shown to each other."""
    return [ProfileFactory(user__full_name=name).user for name in ("Asha Seeker", "Mira Host")]


@pytest.fixture
def client_of(api):
    return lambda user: with_login_of_the_web(api(user))


def like(client, target, action="like"):
    body = {"target_type": "user", "action": action, "target_user_id": str(target.pk)}
    answer = client.post(f"{FLATMATES}/swipes", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids_in(client, path: str, *keys: str) -> list[str]:
    answer = client.get(f"{FLATMATES}/{path}")
    assert answer.status_code == 200, answer.content
    rows = answer.json()["items"]
    for key in keys:
        rows = [row[key] for row in rows]
    return rows


def test_same_like_three_times_is_one_row(people, client_of):
    asha, mira = people
    answers = [like(client_of(asha), mira) for _ in range(3)]
    assert [answer["stored"] for answer in answers] == [True, False, False]
    assert Swipe.objects.count() == 1
    assert ids_in(client_of(mira), "likes", "peer", "user_id") == [str(asha.pk)]


def test_two_likes_are_one_match_and_one_conversation(people, client_of):
    asha, mira = people
    assert like(client_of(asha), mira)["conversation_id"] is None
    answer = like(client_of(mira), asha)
    assert answer["did_match"]
    for user in people:
        assert ids_in(client_of(user), "matches", "id") == [answer["match_id"]]
        assert ids_in(client_of(user), "conversations", "id") == [answer["conversation_id"]]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sixteen_parallel_opens_are_one_conversation():
    asha, mira = (ProfileFactory().user for _ in range(2))

    @transaction.atomic
    def open_once():
        lock_pair(asha.pk, mira.pk)
        facts = {"context_listing": None, "opened_by": None, "now": clock.now()}
        return open_conversation(
            one=asha, other=mira, source=ConversationSource.PROFILE_MATCH, **facts
        )

    answers = at_once(*[open_once] * 16)
    assert {type(answer) for answer in answers} == {Conversation}
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("about", ["profile", "listing"])
def test_three_distinct_reporters_pause_the_target(people, client_of, about):
    """Accounts that are older than a day and have nothing in common."""
    mira = people[1]
    listing = LiveListingFactory(owner=mira)
    body = {"reported_user_id": str(mira.pk), "reason": "fake_profile", "notes": "Not her photos."}
    if about == "listing":
        body["property_id"] = str(listing.pk)
    found = []
    for _ in range(3):
        reporter = grown_up()
        ProfileFactory(user=reporter)
        assert client_of(reporter).post(f"{FLATMATES}/reports", body).status_code == 201
        found.append((Profile.objects.get(user=mira).status, listing_status(listing)))
    last = ("paused", "live") if about == "profile" else ("active", "paused")
    assert found == [("active", "live"), ("active", "live"), last]
    gone = client_of(people[0]).get(f"{FLATMATES}/profiles/{mira.pk}").status_code
    assert gone == (404 if about == "profile" else 200)


def listing_status(listing) -> str:
    return Property.objects.get(pk=listing.pk).status


def test_move_in_passed_is_out_of_the_deck(people, client_of):
    asha, mira = people
    now = clock.now()
    # Her day may be over already where she lives, while it is still the same day in UTC.
    tomorrow = (now + dt.timedelta(days=1)).date()
    Profile.objects.filter(user=mira).update(move_in_date=tomorrow)
    tasks.pause_passed_move_ins()
    assert ids_in(client_of(asha), "profiles", "user_id") == [str(mira.pk)]
    with time_machine.travel(now + dt.timedelta(days=3)):
        tasks.pause_passed_move_ins()
        tasks.pause_passed_move_ins()
        assert ids_in(client_of(asha), "profiles", "user_id") == []
    profile = Profile.objects.get(user=mira)
    assert (profile.status, profile.pause_reason) == ("paused", "move_in_passed")
    assert Notification.objects.filter(user=mira).count() == 1


LISTING_REVIEWS = [
    ("approve", "live", "listing_approved", "listing_approved"),
    ("reject", "rejected", "listing_rejected", "listing_rejected"),
    ("request_edit", "needs_edit", "listing_needs_edit", "listing_edit_requested"),
]


@pytest.mark.parametrize(("action", "status", "notice", "trail"), LISTING_REVIEWS)
def test_approve_reject_and_request_edit_of_a_listing_each_with_notice_and_audit(
    people, client_of, admin, on_commit, action, status, notice, trail
):
    with on_commit():
        listing = submitted(
            people[1],
            property_type="flatmate",
            sharing_type="private_room",
            gender_preference="any",
        )
    answer = client_of(admin).put(
        f"{FLATMATES}/moderation/listings/{listing.pk}",
        {"action": action, "reason": "Please look at the photos again."},
    )
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    told = Notification.objects.filter(user=people[1], type=notice)
    rows = AuditEvent.objects.filter(action=trail, target_id=str(listing.pk))
    assert (told.count(), rows.count()) == (1, 1)


PROFILE_REVIEWS = [
    ("approve", "active", "profile_approved"),
    ("reject", "rejected", "profile_rejected"),
    ("request_edit", "pending_review", "profile_edit_requested"),
]


@pytest.mark.parametrize(("action", "status", "trail"), PROFILE_REVIEWS)
def test_approve_reject_and_request_edit_of_a_profile_each_with_notice_and_audit(
    people, client_of, admin, action, status, trail
):
    mira = people[1]
    flagged = {"bio": "Call me on +250 788 123 456, any time."}
    answer = client_of(mira).patch(f"{FLATMATES}/profile", flagged)
    assert answer.json()["profile_status"] == "pending_review"
    profile = Profile.objects.get(user=mira)
    review_profile(
        profile=profile,
        action=action,
        version=profile.content_version,
        note="Without the number, please.",
        by=admin,
    )
    assert Profile.objects.get(user=mira).status == status
    assert Notification.objects.filter(user=mira, type="profile_review").count() == 1
    assert AuditEvent.objects.filter(action=trail, target_id=str(profile.pk)).count() == 1


def test_events_reach_the_right_people_only(people, client_of):
    asha, mira = people
    outsider = ProfileFactory().user
    like(client_of(asha), mira)
    chat = like(client_of(mira), asha)["conversation_id"]
    sent = client_of(asha).post(f"{FLATMATES}/conversations/{chat}/messages", {"body": "Hello!"})
    assert sent.status_code == 201
    client_of(mira).post(f"{FLATMATES}/blocks", {"user_id": str(asha.pk)})
    heard = {
        user.full_name: {event.type for event in Event.objects.filter(channel=user.event_channel)}
        for user in (*people, outsider)
    }
    flatmates = {"new_match", "new_message", "conversation_updated"}
    assert flatmates <= heard["Asha Seeker"]
    assert flatmates <= heard["Mira Host"]
    assert heard[outsider.full_name] == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["unmatch", "block"])
def test_a_message_and_the_end_of_a_chat_each_seen_on_the_stream_within_2_s(
    people, client_of, ending
):
    asha, mira = people
    match = match_of(asha, mira)
    chat = f"{FLATMATES}/conversations/{match.conversation_id}"
    hers = client_of(asha)

    def end():
        if ending == "unmatch":
            return hers.put(f"{FLATMATES}/matches/{match.pk}/unmatch")
        return hers.post(f"{FLATMATES}/blocks", {"user_id": str(mira.pk)})

    with stream_process() as process, Reader(process.port, mira) as reader:
        sent, event = heard(
            reader, "new_message", lambda: hers.post(f"{chat}/messages", {"body": "Hello!"})
        )
        assert (sent.status_code, event.data["object_id"]) == (201, sent.json()["id"])
        ended, event = heard(reader, "conversation_updated", end)
        assert ended.status_code in (200, 201)
        assert event.data["object_id"] == str(match.conversation_id)
    answer = client_of(mira).post(f"{chat}/messages", {"body": "Are you there?"})
    assert answer.status_code == (409 if ending == "unmatch" else 404)


def heard(reader: Reader, event_type: str, call):
    """The answer of the call, and the event of it that the reader had in time."""
    with within(SECONDS):
        answer = call()
        while (event := reader.next()).type != event_type:
            pass
    return answer, event


@pytest.mark.parametrize("blocker", [0, 1])
def test_block_hides_both_ways(people, client_of, blocker):
    match = match_of(*people)
    by, target = people[blocker], people[1 - blocker]
    answer = client_of(by).post(f"{FLATMATES}/blocks", {"user_id": str(target.pk)})
    assert answer.status_code == 201
    for reader, other in itertools.permutations(people):
        client = client_of(reader)
        for path in ("profiles", "likes", "outgoing-likes", "matches", "conversations"):
            assert str(other.pk) not in json.dumps(client.get(f"{FLATMATES}/{path}").json()), path
        for path in (
            f"profiles/{other.pk}",
            f"profiles/{other.pk}/compatibility",
            f"conversations/{match.conversation_id}",
            f"conversations/{match.conversation_id}/messages",
        ):
            assert client.get(f"{FLATMATES}/{path}").status_code == 404, path
    assert Match.objects.get().status == "blocked"


def test_unblock_reopens_nothing_and_two_fresh_likes_do(people, client_of):
    asha, mira = people
    match_of(asha, mira)
    client_of(asha).post(f"{FLATMATES}/blocks", {"user_id": str(mira.pk)})
    assert client_of(asha).delete(f"{FLATMATES}/blocks/{mira.pk}").status_code == 204
    assert ids_in(client_of(asha), "matches") == []
    assert like(client_of(asha), mira)["did_match"] is False
    again = like(client_of(mira), asha)
    assert again["did_match"]
    assert ids_in(client_of(asha), "conversations", "status") == ["active"]


def test_a_suspended_person_appears_nowhere_and_cannot_restore_himself(people, client_of, admin):
    asha, mira = people
    report = {"reported_user_id": str(mira.pk), "reason": "abuse"}
    pk = client_of(asha).post(f"{FLATMATES}/reports", report).json()["id"]
    decided = client_of(admin).put(
        f"{FLATMATES}/moderation/reports/{pk}", {"action": "suspend_user", "notes": "Threats."}
    )
    assert decided.status_code == 200, decided.content
    assert ids_in(client_of(asha), "profiles") == []
    mira.refresh_from_db()
    assert client_of(mira).post(f"{FLATMATES}/profile/resume").status_code == 403
    assert Profile.objects.get(user=mira).status == "paused"
    told = Notification.objects.filter(user=asha, type="report_outcome")
    assert told.count() == 1
