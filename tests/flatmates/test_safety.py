from django.test import Client
import pytest

from flatmates.models import Conversation, Match, Message, Profile, Swipe
from flatmates.services.messages import send_message
from flatmates.services.photos import use_as_avatar
from flatmates.services.profile_review import review_profile
from flatmates.services.profiles import pause_profile, profile_of, resume_profile, update_profile
from flatmates.services.safety import MESSAGES_KEPT, report_person
from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, Invalid, InvalidTransition, NotFound
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.notifications.models import Delivery
from ghar.notifications.services.outbox import dispatch_lines
from ghar.notifications.services.preferences import set_channels
from ghar.realtime.models import Event
from moderation.models import Block, Case, Report
from moderation.services.blocks import block_person, unblock_person
from moderation.services.reports import decide_report
from moderation.services.sanctions import confirm_suspension, lift_suspension, suspend_person
from tests.factories import (
    AdminFactory,
    LiveListingFactory,
    PhotoFactory,
    ProfileFactory,
    ProfilePhotoFactory,
    PropertyFactory,
    UploadFactory,
    UserFactory,
)
from tests.flatmates.pairs import enquired
from tests.flatmates.people import like, match_of, person, room
from tests.flatmates.sight import doors, lists_with, pages_with
from tests.moderation.reported import grown_up
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
HIDDEN = {"profile": 404, "compatibility": 404, "swipe": 404, "view": 404}
NO_CHAT = {"conversation": 404, "messages": 404, "write": 404, "read": 404, "qna": 404}


@pytest.fixture
def asha():
    return ProfileFactory(user__full_name="Ashalata Seeker").user


@pytest.fixture
def mira():
    return ProfileFactory(user__full_name="Miraflor Host").user


def status_of(user) -> str:
    return Profile.objects.get(user=user).status


def suspend(user, by=None):
    facts = {"report": None, "message": "", "note": "n", "now": clock.now()}
    return suspend_person(person=user, by=by or AdminFactory(), **facts)


def known_reporters(count: int) -> list:
    """People who have been here for a while and have nothing in common."""
    return [ProfileFactory(user=grown_up()).user for _ in range(count)]


def report(target, by, **facts):
    return report_person(by=by, reported=target, **({"reason": "abuse", "notes": "Rude."} | facts))


def page_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- Blocks ---------------------------------------------------------------------------------------
def test_a_block_closes_match_and_chat_and_spends_both_likes(asha, mira):
    match = match_of(asha, mira)
    block_person(target=mira, by=asha)
    match.refresh_from_db()
    assert match.status == "blocked"
    assert match.conversation.status == "blocked"
    assert Swipe.objects.filter(spent_at=None).count() == 0


def test_a_block_closes_an_enquiry(asha, mira):
    chat = enquired(asha, room(mira))
    block_person(target=asha, by=mira)
    chat.refresh_from_db()
    assert chat.status == "blocked"


@pytest.mark.parametrize("is_blocker", [True, False])
def test_a_block_hides_both_ways_everywhere(asha, mira, api, is_blocker):
    chat = match_of(asha, mira).conversation
    send_message(conversation=chat, by=asha, body="Hello")
    assert lists_with(api(asha), mira) == ["matches", "conversations"]
    block_person(target=mira, by=asha)
    reader, other = (asha, mira) if is_blocker else (mira, asha)
    assert lists_with(api(reader), other) == []
    assert pages_with(page_of(reader), other) == []
    assert doors(api(reader), other, chat) == HIDDEN | NO_CHAT
    assert Message.objects.count() == 1


def test_who_was_blocked_is_told_no_more_than_that_a_chat_is_closed(asha, mira, api):
    match = match_of(asha, mira)
    block_person(target=mira, by=asha)
    told = Event.objects.filter(object_id=match.conversation_id, channel=mira.event_channel)
    assert set(told.values_list("type", "status")) == {("conversation_updated", "closed")}
    for address in (match.pk, uuid7()):
        assert api(mira).put(f"/api/v1/flatmates/matches/{address}/unmatch").status_code == 404


def test_what_has_not_left_the_site_before_a_block_stays_here(asha, mira):
    set_channels(principal=mira, choices={"email": {"messages": True}})
    chat = match_of(asha, mira).conversation
    send_message(conversation=chat, by=asha, body="Hello")
    dispatch_lines(now=clock.now())
    block_person(target=asha, by=mira)
    message = Delivery.objects.get(user=mira, type="new_message")
    assert (message.is_overtaken, message.notification.is_read) == (True, True)


@pytest.mark.parametrize("blocker_likes", [True, False])
def test_a_block_hides_likes_both_ways(asha, mira, api, blocker_likes):
    like(asha, mira)
    by, target = (asha, mira) if blocker_likes else (mira, asha)
    assert lists_with(api(mira), asha) == ["profiles", "likes"]
    assert lists_with(api(asha), mira) == ["outgoing-likes"]
    block_person(target=target, by=by)
    assert lists_with(api(mira), asha) == []
    assert lists_with(api(asha), mira) == []


def test_mutual_blocks_answer_cleanly_and_each_takes_back_their_own(asha, mira, api):
    match_of(asha, mira)
    block_person(target=mira, by=asha)
    block_person(target=asha, by=mira)
    unblock_person(target=mira, by=asha)
    assert Block.objects.between(asha.pk, mira.pk).count() == 1
    assert doors(api(asha), mira) == HIDDEN
    unblock_person(target=asha, by=mira)
    assert doors(api(asha), mira)["profile"] == 200


def test_after_unblock_nothing_reopens_and_two_fresh_likes_match_again(asha, mira):
    match = match_of(asha, mira)
    block_person(target=mira, by=asha)
    unblock_person(target=mira, by=asha)
    match.refresh_from_db()
    assert (match.status, match.conversation.status) == ("blocked", "blocked")
    with pytest.raises(Conflict) as refused:
        send_message(conversation=match.conversation, by=asha, body="Are you there?")
    assert refused.value.code == "CONVERSATION_CLOSED"
    assert not like(mira, asha).did_match
    again = like(asha, mira)
    assert (again.did_match, again.match) == (True, match)
    assert Conversation.objects.get().status == "active"
    assert Match.objects.count() == 1


def test_a_block_of_a_pair_costs_few_statements(asha, mira):
    match_of(asha, mira)
    assert statements_of(lambda: block_person(target=mira, by=asha)) <= 17


# --- Suspended, paused, waiting, rejected -----------------------------------------------------------
def test_a_suspension_pauses_the_profile_and_an_end_of_it_shows_it_again(asha):
    sanction = suspend(asha)
    profile = profile_of(asha)
    assert (profile.status, profile.pause_reason) == ("paused", "suspended")
    confirm_suspension(sanction=sanction, by=AdminFactory())
    lift_suspension(sanction=sanction, note="fine", by=AdminFactory())
    profile.refresh_from_db()
    assert (profile.status, profile.pause_reason) == ("active", "")
    assert not profile.is_paused_by_moderation


def test_what_its_owner_had_paused_stays_paused_after_a_suspension(asha):
    pause_profile(profile=profile_of(asha), by=asha)
    sanction = suspend(asha)
    lift_suspension(sanction=sanction, note="fine", by=AdminFactory())
    profile = profile_of(asha)
    assert (profile.status, profile.pause_reason) == ("paused", "owner")
    asha.refresh_from_db()
    assert resume_profile(profile=profile, by=asha).status == "active"


@pytest.mark.parametrize("is_paused", [False, True])
def test_what_reports_keep_down_stays_down_when_a_suspension_ends(asha, is_paused):
    reporters = known_reporters(3)
    for reporter in reporters:
        match_of(asha, reporter)
    if is_paused:
        pause_profile(profile=profile_of(asha), by=asha)
    sanction = suspend(asha)
    for reporter in reporters:
        report(asha, reporter)
    lift_suspension(sanction=sanction, note="fine", by=AdminFactory())
    asha.refresh_from_db()
    with pytest.raises(InvalidTransition):
        resume_profile(profile=profile_of(asha), by=asha)
    assert profile_of(asha).status == "paused"
    decide_report(report=Report.objects.first(), action="dismiss", notes="n", by=AdminFactory())
    assert status_of(asha) == ("paused" if is_paused else "active")


def test_matches_and_chats_of_a_suspended_person_stay_without_their_name(asha, mira, api):
    chat = match_of(asha, mira).conversation
    like(person(), mira)
    suspend(mira)
    assert lists_with(api(asha), mira) == []
    assert pages_with(page_of(asha), mira) == []
    assert doors(api(asha), mira) == HIDDEN
    row = api(asha).get(f"/api/v1/flatmates/conversations/{chat.pk}").json()
    assert (row["peer"]["id"], row["peer"]["full_name"]) == (None, "Somebody who has left")


def test_three_reports_pause_the_profile_and_a_dismissal_shows_it_again(asha):
    for reporter in known_reporters(3):
        report(asha, reporter)
    profile = profile_of(asha)
    assert (profile.status, profile.pause_reason) == ("paused", "reports")
    admin = AdminFactory()
    decide_report(report=Report.objects.first(), action="dismiss", notes="fine", by=admin)
    profile.refresh_from_db()
    assert (profile.status, profile.is_paused_by_moderation) == ("active", False)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: update_profile(by=user, changes={"bio": "New, and judged by nobody."}),
        lambda user: use_as_avatar(by=user, upload_id=UploadFactory(owner=user).pk),
    ],
)
def test_after_a_dismissal_the_same_content_is_shielded_until_it_changes(asha, change):
    for reporter in known_reporters(3):
        report(asha, reporter)
    decide_report(report=Report.objects.first(), action="dismiss", notes="fine", by=AdminFactory())
    for reporter in known_reporters(3):
        report(asha, reporter)
    assert status_of(asha) == "active"
    decide_report(
        report=Report.objects.undecided().first(), action="dismiss", notes="fine", by=AdminFactory()
    )
    change(asha)
    for reporter in known_reporters(3):
        report(asha, reporter)
    assert status_of(asha) == "paused"


def paused(user):
    pause_profile(profile=profile_of(user), by=user)


def kept_down(user):
    for reporter in known_reporters(3):
        report(user, reporter)


def flagged(user):
    update_profile(by=user, changes={"bio": "Call me on +250 788 123 456, any time."})


def rejected(user):
    flagged(user)
    profile = profile_of(user)
    read = {"version": profile.content_version, "note": "No numbers."}
    review_profile(profile=profile, action="reject", by=AdminFactory(), **read)


HIDDEN_BY = {"paused": paused, "reports": kept_down, "waiting": flagged, "rejected": rejected}
OWN_CALLS = (
    ("post", "profile/resume", {}),
    ("patch", "profile", {"onboarding_completed": True}),
    ("put", "profile", {"mode": "co_hunter", "city": "Kigali", "age": 30}),
    ("patch", "profile", {"bio": "Quiet, tidy and looking for a room."}),
    ("post", "profile/pause", {}),
    ("post", "profile/resume", {}),
    ("patch", "profile", {"status": "active"}),
    ("patch", "profile", {"profile_status": "active"}),
)


@pytest.mark.parametrize("how", sorted(HIDDEN_BY))
def test_who_is_hidden_appears_nowhere(asha, mira, api, how):
    like(mira, asha)
    HIDDEN_BY[how](mira)
    assert lists_with(api(asha), mira) == []
    assert pages_with(page_of(asha), mira) == []
    assert doors(api(asha), mira) == HIDDEN


@pytest.mark.parametrize("how", ["reports", "waiting", "rejected", "suspended"])
def test_no_call_of_ones_own_restores_what_moderation_took_down(asha, api, how):
    (HIDDEN_BY | {"suspended": suspend})[how](asha)
    asha.refresh_from_db()
    client = api(asha)
    for method, path, body in OWN_CALLS:
        answer = getattr(client, method)(f"/api/v1/flatmates/{path}", body)
        assert answer.status_code < 500
        assert status_of(asha) != "active", (method, path, body)


# --- Reports --------------------------------------------------------------------------------------
def test_a_report_keeps_what_others_saw_at_that_moment(asha, mira):
    photo = ProfilePhotoFactory(profile=mira.profile)
    chat = match_of(asha, mira).conversation
    sent, _ = send_message(conversation=chat, by=mira, body="Pay me first.")
    answered, _ = send_message(conversation=chat, by=asha, body="No.")
    filed, is_new = report(mira, asha, conversation_id=chat.pk)
    assert is_new
    assert filed.conversation_id == chat.pk
    assert filed.content_mark == "v1"
    found = filed.evidence
    assert found["profile"]["bio"] == mira.profile.bio
    assert found["profile"]["photos"] == [str(photo.upload_id)]
    assert "age" not in found["profile"]
    said = [(row["id"], row["from"], row["body"]) for row in found["messages"]]
    assert said == [
        (str(sent.pk), "reported", "Pay me first."),
        (str(answered.pk), "reporter", "No."),
    ]
    update_profile(by=mira, changes={"bio": "All different now."})
    filed.refresh_from_db()
    assert filed.evidence == found


def test_of_a_long_talk_the_last_thirty_messages_are_kept(asha, mira):
    chat = match_of(asha, mira).conversation
    Message.objects.bulk_create(
        Message(conversation=chat, sender=mira, number=n, body=str(n)) for n in range(1, 41)
    )
    filed, _ = report(mira, asha)
    kept = [row["body"] for row in filed.evidence["messages"]]
    assert kept == [str(n) for n in range(41 - MESSAGES_KEPT, 41)]


def test_a_report_about_a_listing_keeps_the_listing(asha, mira):
    listing = LiveListingFactory(owner=mira)
    photo = PhotoFactory(listing=listing)
    filed, _ = report(mira, asha, listing=listing)
    listing.refresh_from_db()
    assert (filed.listing, filed.content_mark) == (listing, f"v{listing.content_version}")
    assert filed.evidence["listing"]["title"] == listing.title
    assert str(photo.pk) in filed.evidence["listing"]["photos"]
    assert Case.objects.get(kind="report").listing == listing


def test_only_who_met_somebody_can_report_them(asha, mira):
    stranger = UserFactory()
    for nobody in (stranger, ProfileFactory(status="draft").user):
        with pytest.raises(NotFound):
            report(nobody, asha)
    host = LiveListingFactory(owner=stranger).owner
    assert report(host, asha)[1]
    assert report(mira, asha)[1]


def test_who_was_blocked_can_still_report_whom_they_talked_with(asha, mira):
    match_of(asha, mira)
    block_person(target=asha, by=mira)
    assert report(mira, asha)[1]


def test_a_conversation_of_others_is_no_evidence(asha, mira):
    theirs = match_of(mira, person()).conversation
    with pytest.raises(NotFound):
        report(mira, asha, conversation_id=theirs.pk)
    assert not Report.objects.exists()


def test_a_hidden_listing_is_not_found_and_somebody_elses_refused(asha, mira):
    with pytest.raises(NotFound):
        report(mira, asha, listing=PropertyFactory(owner=mira))
    with pytest.raises(Invalid):
        report(mira, asha, listing=LiveListingFactory())
    with pytest.raises(Invalid):
        report(asha, asha)


def test_a_second_report_is_the_first_as_it_was_written(asha, mira):
    first, _ = report(mira, asha)
    again, is_new = report(mira, asha, notes="Much worse than I said.", reason="spam")
    assert (again, is_new) == (first, False)
    assert (again.notes, again.reason) == ("Rude.", "abuse")


def test_a_report_is_audited_without_its_words(asha, mira):
    report(mira, asha)
    row = AuditEvent.objects.get(action="report_filed")
    assert "Rude." not in str(row.data)


def test_one_person_alone_hides_nobody_however_often_they_report(asha, mira):
    for _ in range(4):
        report(mira, asha)
    assert status_of(mira) == "active"
