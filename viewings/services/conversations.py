"""Somebody asks for a viewing in their own words, and the assistant takes the steps for them.

Nothing is sent, chosen or called off that they have not agreed to. What they write is read and
forgotten; what stays is the times and words that are to be sent.
"""

from contextlib import suppress
import datetime as dt
from functools import cached_property
import re
from typing import Final
import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.accounts.services import sessions
from ghar.accounts.services.contacts import CannotBeReached, read_identifier
from ghar.errors import (
    DomainError,
    Invalid,
    ListingNotAvailable,
    NotFound,
    RateLimited,
    SlotTaken,
    Text,
)
from ghar.lib import clock
from ghar.lib.ids import UUID_PATTERN
from ghar.lib.text import find_emails, find_phones
from ghar.properties.models import Property
from viewings.assistant import replies
from viewings.assistant.reading import Wish
from viewings.assistant.replies import Reply, State, is_like, means
from viewings.models import AssistantConversation, ViewingRequest, ViewingTimeOption
from viewings.policies.address import is_verified
from viewings.policies.booking import ProposedTime, check_can_request
from viewings.services import closing, requests, scheduling, visitors
from viewings.services.booking import zone_of
from viewings.services.free_times import (
    pick_times,
    planned,
    wishes_in,
    words_beside_times,
)

KEPT: Final = dt.timedelta(days=30)
# Of these the assistant speaks; the others are for the client.
SAID_IN_WORDS: Final = frozenset({409, 422})
_ID: Final = re.compile(UUID_PATTERN)
_LETTER: Final = re.compile(r"\w")
_CODE: Final = re.compile(r"\d{6}")
_NUMBER: Final = re.compile(r"(?:the|number|no\.?|#)?\s*([1-9])(?:st|nd|rd|th|er|e)?\W*", re.I)


@transaction.atomic
def begin(*, by: Principal, listing: Property | None = None) -> AssistantConversation:
    """A new conversation; about a place that `by` may ask to see, if one is named."""
    if listing is not None:
        check_can_request(listing, by)
    return AssistantConversation.objects.create(
        seeker=by if isinstance(by, User) else None,
        seeker_session=by if isinstance(by, SeekerSession) else None,
        listing=listing,
    )


@transaction.atomic
def turn_to(*, conversation: AssistantConversation, listing: Property, by: Principal) -> None:
    """Say which place a conversation is about, if it has none yet."""
    conversation = _lock(conversation)
    if conversation.listing_id == listing.pk:
        return
    if conversation.listing_id is not None:
        words = _("This conversation is about another place. Please begin a new one.")
        raise Invalid.field("property_id", words)
    check_can_request(listing, by)
    conversation.listing = listing
    conversation.save(update_fields=["listing", "updated_at"])


@transaction.atomic
def say(*, conversation: AssistantConversation, text: str, by: Principal) -> Reply:
    """Take the step that the words ask for, and answer how things stand.

    Two who say yes at the same moment wait for each other; the second reads what the first did.
    """
    conversation = _lock(conversation)
    conversation.viewing = _viewing(conversation.viewing_id)
    if conversation.listing is not None and conversation.viewing is None:
        # What is held or withdrawn by now is nobody's to read of.
        check_can_request(conversation.listing, by)
    turn = Turn(conversation, text, by)
    try:
        with transaction.atomic():
            said = turn.take()
    except DomainError as refusal:
        is_gone = isinstance(refusal, ListingNotAvailable) and conversation.viewing is None
        status = refusal.status
        if is_gone or status not in SAID_IN_WORDS:
            raise
        said = _refused(conversation, refusal)
    conversation.viewing = _viewing(conversation.viewing_id)
    reply = replies.stand(conversation, by=by, now=turn.now)
    conversation.state, conversation.listed = reply.state, reply.listed
    conversation.save()
    text = f"{said}\n\n{reply.text}" if said else reply.text
    return reply._replace(text=text, viewing_id=conversation.viewing_id)


def forget_old(*, now: dt.datetime) -> int:
    deleted, _rows = AssistantConversation.objects.untouched_since(now - KEPT).delete()
    return deleted


def _lock(conversation: AssistantConversation) -> AssistantConversation:
    found = AssistantConversation.objects.for_turn().filter(pk=conversation.pk).first()
    if found is None:  # the sweep that forgets came first
        raise NotFound
    return found


def _viewing(pk: uuid.UUID | None) -> ViewingRequest | None:
    return ViewingRequest.objects.for_detail().filter(pk=pk).first() if pk else None


def _refused(conversation: AssistantConversation, refusal: DomainError) -> Text:
    """What to say of it; the next question is another one now."""
    if refusal.code == "REQUEST_OPEN":
        conversation.viewing_id = uuid.UUID(refusal.details["viewing_request_id"])
        conversation.times = []
        return replies.ASKED_ALREADY
    if isinstance(refusal, SlotTaken):
        conversation.times = [
            {name: each[name] for name in ("start_at", "end_at")}
            for each in refusal.details["alternatives"]
        ]
    elif conversation.state == State.ASKS_SENDING:
        conversation.times = []
    return refusal.message


class Turn:
    """What one text asks for. A step says what it did; None where the text is not for it."""

    def __init__(self, conversation: AssistantConversation, text: str, by: Principal) -> None:
        self.now = clock.now()
        self._talk, self._text, self._by = conversation, text.strip(), by

    def take(self) -> Text:
        self._talk.listing = self._talk.listing or self._named_place()
        if self._talk.listing is None:
            return replies.UNKNOWN_PLACE if _ID.search(self._text) else ""
        if self._talk.viewing is not None and self._viewing is None:
            return ""  # it is over: a new one is another conversation
        contact = self._contact()
        steps = (self._cancelling, self._choice, self._sending, self._times, self._leaving_it)
        done = next((said for step in steps if (said := step()) is not None), None)
        if contact:
            return f"{contact} {done}" if done else contact
        return self._note() if done is None else done

    @property
    def _viewing(self) -> ViewingRequest | None:
        """While there is something to agree on."""
        viewing = self._talk.viewing
        return viewing if viewing is not None and viewing.is_active else None

    def _named_place(self) -> Property | None:
        """By the link of its page, which ends with its id."""
        found = _ID.search(self._text)
        places = Property.objects.select_related("owner")
        listing = places.filter(pk=found.group()).first() if found else None
        if listing is not None:
            with suppress(NotFound):
                check_can_request(listing, self._by)
                return listing
        return None

    def _contact(self) -> Text | None:
        """A contact, or the code that was sent to it; accounts have theirs in the settings."""
        session = self._by
        if not isinstance(session, SeekerSession) or is_verified(session):
            return None
        if self._viewing and session.contact and _CODE.fullmatch(self._text):
            return self._prove(self._viewing, by=session)
        given = [*find_emails(self._text), *find_phones(self._words_beside, settings.MARKETS)]
        if not given:
            return None
        sessions.give_contact(session=session, contact=read_identifier(given[0], field="text"))
        return self._send_code(session) or replies.CONTACT_KEPT

    def _prove(self, viewing: ViewingRequest, *, by: SeekerSession) -> Text:
        """A wrong code is told and not raised: a rollback would forget that it was tried."""
        try:
            visitors.confirm_code(viewing=viewing, code=self._text, by=by)
        except Invalid as wrong:
            return wrong.message
        return replies.VERIFIED

    def _cancelling(self) -> Text | None:
        viewing = self._viewing
        if viewing is None:
            return None
        if self._talk.state == State.ASKS_CANCELLING:
            self._talk.state = State.WAITS
            if is_like(self._text, replies.CANCEL) or means(self._text, "yes"):
                closing.cancel_viewing(viewing=viewing, by=self._by)
                return replies.CANCELLED
            return replies.KEPT
        if is_like(self._text, replies.CALL_OFF) or means(self._text, "cancel"):
            self._talk.state = State.ASKS_CANCELLING
            return ""
        return None

    def _choice(self) -> Text | None:
        """One of the host's times, by its number or its words and nothing more: "I cannot come on
        Wednesday" chooses none.
        """
        if self._viewing is None or self._talk.state != State.ASKS_CHOICE:
            return None
        listed = [self._viewing.option(uuid.UUID(pk)) for pk in self._talk.listed]
        option = self._named(listed)
        if option is not None:
            scheduling.select_time(viewing=self._viewing, option=option, by=self._by)
            return replies.CHOSEN
        return replies.TAP_IT if any(each and self._is_meant(each) for each in listed) else None

    def _named(self, listed: list[ViewingTimeOption | None]) -> ViewingTimeOption | None:
        """Out of those that they have read: by now the host may have others, and these be gone."""
        if number := _NUMBER.fullmatch(self._text):
            return dict(enumerate(listed, start=1)).get(int(number[1]))
        meant = [each for each in listed if each and self._is_meant(each)]
        tapped = [each for each in meant if is_like(self._text, replies.label(each))]
        # With other words beside the time it may say the contrary.
        is_sure = tapped or not _LETTER.search(self._words_beside)
        return meant[0] if is_sure and len(meant) == 1 else None

    def _is_meant(self, option: ViewingTimeOption) -> bool:
        if is_like(self._text, replies.label(option)):
            return True
        start = option.start_at.astimezone(self._zone)
        return any(
            wish.day == start.date() and wish.first <= start.time() <= wish.last
            for wish in self._wishes
        )

    def _sending(self) -> Text | None:
        if self._talk.state != State.ASKS_SENDING:
            return None
        if is_like(self._text, replies.SEND) or means(self._text, "yes"):
            if self._has_changed:
                return replies.LOOK_AGAIN
            self._send(self._times_to_send())
            return replies.SENT
        if is_like(self._text, replies.NOT_YET) or means(self._text, "no"):
            self._talk.times = []
            return ""
        return None

    def _times(self) -> Text | None:
        if is_like(self._text, replies.OTHER_TIMES):
            return replies.WHEN_INSTEAD
        if not self._wishes:
            return None
        times = pick_times(self._wishes, self._planned, now=self.now)
        self._talk.times = [
            {"start_at": time.start_at.isoformat(), "end_at": time.end_at.isoformat()}
            for time in times
        ]
        return "" if times else replies.NOTHING_FREE

    def _leaving_it(self) -> Text | None:
        """The host shall propose."""
        if self._viewing is not None or not is_like(self._text, replies.HOST_PROPOSES):
            return None
        self._send([])
        return replies.SENT

    def _note(self) -> Text:
        """Whatever else they say before the request is sent is for the host."""
        if self._talk.state == State.ASKS_SENDING and self._viewing is None:
            self._talk.notes = self._text
            return replies.NOTED
        is_first = self._talk.state == State.ASKS_PLACE
        return "" if is_first else replies.NOT_UNDERSTOOD

    # --- What the steps need
    @property
    def _listing(self) -> Property:
        assert self._talk.listing is not None  # noqa: S101 -- `take` asks for it first
        return self._talk.listing

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(zone_of(self._planned))

    @cached_property
    def _wishes(self) -> list[Wish]:
        return wishes_in(self._text, self._planned, now=self.now)

    @cached_property
    def _words_beside(self) -> str:
        """Without the times: "28.11.2026 9:30" is nobody's phone number."""
        return words_beside_times(self._text, self._planned, now=self.now)

    @property
    def _planned(self) -> ViewingRequest:
        """The viewing, or what it would be."""
        if self._viewing is not None:
            return self._viewing
        return planned(self._listing, self._by)

    @property
    def _has_changed(self) -> bool:
        """The host has answered since the question was asked: the yes was to something else."""
        return self._viewing is not None and self._viewing.updated_at > self._talk.updated_at

    def _times_to_send(self) -> list[ProposedTime]:
        instants = (
            [dt.datetime.fromisoformat(each[name]) for name in ("start_at", "end_at")]
            for each in self._talk.times
        )
        return [ProposedTime(start, end, self._zone.key) for start, end in instants]

    def _send(self, times: list[ProposedTime]) -> None:
        viewing, by = self._viewing, self._by
        if viewing is None:
            self._talk.viewing = requests.create_request(
                listing=self._listing, by=by, notes=self._talk.notes, times=times
            )
            if isinstance(by, SeekerSession):
                self._send_code(by)
        elif viewing.is_confirmed:
            scheduling.reschedule_viewing(viewing=viewing, times=times, by=by)
        else:
            scheduling.offer_times(viewing=viewing, times=times, by=by)
        self._talk.times, self._talk.notes = [], ""

    def _send_code(self, session: SeekerSession) -> Text | None:
        """Once there is a viewing to answer; the page of the viewing offers a code again."""
        if self._talk.viewing is None or not session.contact or is_verified(session):
            return None
        with suppress(RateLimited, CannotBeReached):
            visitors.send_code(viewing=self._talk.viewing, by=session)
            return replies.CODE_SENT
        return None
