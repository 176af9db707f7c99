"""The demo's people with their faces, likes, matches and chats, by the verbs that people use."""

from collections.abc import Iterable
import datetime as dt
import itertools
import random
import secrets
from typing import Any

from django.db.models import F

from flatmates.models import Conversation, Match, Profile, ProfilePhoto
from flatmates.search import deck_of
from flatmates.services.conversations import mark_read
from flatmates.services.messages import send_message
from flatmates.services.photos import choose_avatar
from flatmates.services.profile_views import record_view
from flatmates.services.profiles import update_profile
from flatmates.services.qna import answer_questions, answers_of
from flatmates.services.safety import report_person
from flatmates.services.swipes import swipe_listing, swipe_person
from flatmates.services.tags import vote_tag
from flatmates.states import SwipeAction, ViewSource, Vote
from ghar.accounts.models import User
from ghar.lib import clock
from ghar.management.people import SEEKER, Home, is_woman
from ghar.management.people import answers_of as words_of
from ghar.management.pictures.scenes import Job
from ghar.properties.models import Property, Upload
from ghar.properties.services.media import picture_path
from ghar.properties.services.saved import save_listing, save_search
from ghar.properties.states import MediaStatus, UploadPurpose

SHARED = ("flatmate", "pg")
MATCHES, LIKES, PASSES = 4, 6, 3
# (is it the seeker who writes, words); what the long talk ends with is unread.
LONG_TALK = (
    (True, "Hello! Your Sundays sound like mine. Are you still looking?"),
    (False, "Hi, yes, I am. Kacyiru or Remera would be best for my way to work."),
    (True, "Kacyiru suits me too. What would your share of the rent be at most?"),
    (False, "Around 200,000 with water. Shall we look at a flat together on Saturday?"),
)
CAREFUL_TALK = (
    (False, "Hello, I know a flat that is free. Send 50,000 by mobile money and it is ours."),
    (True, "I would rather see it first."),
    (False, "Then write to me at +250 788 555 020, it goes quicker there."),
)
QNA_TALK = ((True, "Shall we try the three questions?"), (False, "Mine are in. Now you!"))
ANSWERS = (
    "Late breakfast, open windows and one long walk.",
    "We talk about it over tea, the same day.",
    "I share pots and books, not my headphones.",
)
TAGS = ("quiet", "friendly_neighbours", "good_water", "safe_at_night", "close_to_bus")


def make_profiles(cast: dict[str, User], people: list[User]) -> list[Job]:
    """A profile for everybody but staff; the portraits that are to be drawn for them."""
    update_profile(by=cast["seeker"], changes=SEEKER)
    homes = _homes()
    others = [cast["poster"], cast["poster2"], *people]
    for person in others:
        home = homes.get(person.pk)
        update_profile(by=person, changes=words_of(person.full_name, home))
    _spread_activity(others)
    return [_portrait(user, seed) for seed, user in enumerate([cast["seeker"], *others])]


def make_meetings(cast: dict[str, User]) -> str:
    """Who likes whom, and what they write to each other; what came of it in a line."""
    seeker, poster = cast["seeker"], cast["poster"]
    deck = deck_of(seeker.profile, {}).filter(user__is_fictional=True, mode__gt="")
    near = [row.user for row in deck.filter(city="Kigali").order_by("user__email")]
    matched, liking = near[:MATCHES], near[MATCHES : MATCHES + LIKES]
    for number, user in enumerate(liking):
        eager = SwipeAction.SUPER_LIKE if number == 0 else SwipeAction.LIKE
        swipe_person(by=user, target=seeker, action=eager)
        look(user, seeker)
    passed = near[MATCHES + LIKES : MATCHES + LIKES + PASSES]
    for user in passed:
        swipe_person(by=seeker, target=user, action=SwipeAction.PASS)
    _talk(seeker, [_match(seeker, user) for user in matched])
    _enquire(seeker, poster)
    _keep(seeker)
    _vote([seeker, *near])
    report_person(
        by=liking[0],
        reported=matched[2],
        reason="spam",
        notes="Asked me for mobile money before I had seen anything.",
    )
    return f"{len(matched)} matches, {len(liking)} likes, {deck.count()} people in the deck"


def look(viewer: User, viewed: User) -> None:
    record_view(
        by=viewer, viewed=viewed, duration_seconds=40, scroll_percent=90, source=ViewSource.DECK
    )


def _homes() -> dict[Any, Home]:
    """Of each host a place: a shared one where there is one, for a host is where the room is."""
    rows = Property.objects.order_by("pk").values_list(
        "owner_id", "property_type", "city", "locality"
    )
    shared = {row[0]: Home(*row[2:]) for row in rows if row[1] in SHARED}
    hosts = {
        row[0]: Home(*row[2:]) for row in rows.filter(owner__is_fictional=False).order_by("-pk")
    }
    return hosts | shared


def _spread_activity(people: Iterable[User]) -> None:
    """Last seen some time in the last ten days, so that the deck has an order."""
    for person in people:
        ago = dt.timedelta(hours=random.Random(person.email).randrange(240))  # noqa: S311 -- no secret
        mine = Profile.objects.filter(user=person)
        mine.update(last_active_at=F("last_active_at") - ago)


def _portrait(user: User, seed: int) -> Job:
    """The row of a ready photo, and what is to be drawn for it."""
    name = secrets.token_hex(16)
    upload = Upload.objects.create(
        owner=user,
        purpose=UploadPurpose.PROFILE,
        status=MediaStatus.READY,
        folder=f"{name[:2]}/{name}",
        width=1200,
        height=900,
    )
    profile = Profile.objects.select_related("user").get(user=user)
    ProfilePhoto.objects.create(profile=profile, upload=upload)
    choose_avatar(profile)
    scene = "long hair" if is_woman(user.full_name) else "short hair"
    return scene, seed, picture_path(upload, "large").parent


def _match(seeker: User, user: User) -> Match:
    swipe_person(by=user, target=seeker, action=SwipeAction.LIKE)
    match = swipe_person(by=seeker, target=user, action=SwipeAction.LIKE).match
    assert match is not None  # noqa: S101 -- both have just said so
    return match


def _talk(seeker: User, matches: list[Match]) -> None:
    """Three of the matches have something to read, the fourth is fresh."""
    for match, words in zip(matches, (LONG_TALK, QNA_TALK, CAREFUL_TALK), strict=False):
        assert match.conversation is not None  # noqa: S101 -- a fresh match has one
        _say(match.conversation, seeker, match.peer_of(seeker), words)
        if words is not LONG_TALK:
            mark_read(conversation=match.conversation, by=seeker)
    asked = matches[1]
    questions = answers_of(match=asked, reader_id=seeker.pk).questions
    given = dict(zip(questions, ANSWERS, strict=True))
    answer_questions(match=asked, answers=given, by=asked.peer_of(seeker))


def _say(
    conversation: Conversation, seeker: User, peer: User, words: Iterable[tuple[bool, str]]
) -> None:
    for is_mine, body in words:
        if is_mine:
            mark_read(conversation=conversation, by=seeker)
        send_message(conversation=conversation, by=seeker if is_mine else peer, body=body)
    _age(conversation)


def _age(conversation: Conversation) -> None:
    """Not all of it was written this very second."""
    now, rows = clock.now(), list(conversation.messages.order_by("number"))
    hours = 2 + 5 * len(rows)
    for row in rows:
        row.created_at = now - dt.timedelta(hours=hours, minutes=17 * (len(rows) - row.number))
        row.save(update_fields=["created_at"])
    last = rows[-1].created_at
    Conversation.objects.filter(pk=conversation.pk).update(last_message_at=last)
    conversation.participants.update(active_at=last)


def _enquire(seeker: User, poster: User) -> None:
    """The seeker asks the demo's host about a room."""
    rooms = Property.objects.live().owned_by(poster).order_by("-price_amount", "pk")
    listing = rooms.filter(property_type__in=SHARED).first() or rooms[0]
    chat = swipe_listing(by=seeker, listing=listing, action=SwipeAction.LIKE).conversation
    assert chat is not None  # noqa: S101 -- the first like of a listing opens it
    send_message(conversation=chat, by=seeker, body="Hello! Is the room free from next month?")


def _keep(seeker: User) -> None:
    save_search(by=seeker, filters={"city": "Kigali", "property_type": ["flatmate", "room"]})
    rooms = Property.objects.live().filter(city="Kigali", property_type__in=(*SHARED, "room"))
    for listing, note in zip(rooms.order_by("pk"), ("Near the office.", ""), strict=False):
        save_listing(listing=listing, by=seeker, note=note)


def _vote(voters: list[User]) -> None:
    rooms = Property.objects.live().filter(city="Kigali").order_by("pk")[:6]
    tags = itertools.cycle(TAGS)
    for listing in rooms:
        for tag in itertools.islice(tags, 2):
            for number, voter in enumerate(voters[:5]):
                if voter.pk != listing.owner_id:
                    vote_tag(
                        by=voter,
                        listing=listing,
                        tag=tag,
                        vote=Vote.DOWN if number == 4 else Vote.UP,
                    )
