"""What the assistant of a viewing says, and what one may answer by a tap."""

from collections.abc import Iterable, Sequence
import datetime as dt
from typing import Final, NamedTuple
import uuid

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import Principal, SeekerSession
from ghar.errors import Text
from ghar.lib.formats import format_instant, zone_name
from ghar.properties.models import Property
from viewings.assistant.words import language, plain, words_of
from viewings.models import AssistantConversation, ViewingRequest, ViewingTimeOption
from viewings.policies import steps as policies
from viewings.policies.address import visible_place
from viewings.states import SEEKER, ConversationState

State = ConversationState

# Each is also understood when it comes back.
HOST_PROPOSES: Final = _("Let the host propose a time")
SEND, NOT_YET = _("Yes, send it"), _("No, other times")
CANCEL, KEEP = _("Yes, cancel it"), _("No, keep it")
OTHER_TIMES, CALL_OFF = _("Propose other times"), _("Cancel the viewing")
EXAMPLES: Final = (_("This weekend"), _("Tomorrow evening"))

NOT_UNDERSTOOD: Final = _(
    "I did not find a day or a time in that. “Saturday morning” or “Tuesday after 5 pm” would do."
)
NOTHING_FREE: Final = _("Nothing is free then, or it is too soon or too far ahead.")
UNKNOWN_PLACE: Final = _("I do not find that place. Perhaps it is no longer listed.")
NOTED: Final = _("I will add your words for the host.")
SENT: Final = _("Sent. The host hears of it now.")
TAP_IT: Final = _("If you take one of these times, please tap it or write its number.")
CHOSEN: Final = _("Chosen. The time is kept for you.")
CANCELLED: Final = _("Cancelled. The host knows.")
KEPT: Final = _("It stays as it is.")
LOOK_AGAIN: Final = _("Something has changed meanwhile. Please look once more.")
WHEN_INSTEAD: Final = _("Tell me when you could come instead.")
CODE_SENT: Final = _("We have sent you a code. Please write it to me here.")
CONTACT_KEPT: Final = _("I have kept your contact for the answer.")
VERIFIED: Final = _("Thank you, your contact is verified.")
ASKED_ALREADY: Final = _("You have asked to see this place before; this is how it stands.")


class Reply(NamedTuple):
    """`state`: what is asked for now. `suggestions`: answers that the assistant understands.
    `listed`: the times of the host that the text numbers, by their ids.
    """

    state: str
    text: str
    suggestions: list[str]
    viewing_id: uuid.UUID | None = None
    listed: Sequence[str] = ()


def is_like(text: str, wanted: Text) -> bool:
    """Whether somebody tapped or typed this suggestion."""
    return _bare(text) == _bare(str(wanted))


def means(text: str, answer: str) -> bool:
    """Whether it is a yes, no or cancel, and nothing more; `answer` is a field of Vocabulary."""
    return _bare(text) in words_of(language()).of[answer]


def label(option: ViewingTimeOption) -> str:
    return format_instant(option.start_at, _zone_of(option.viewing.listing))


def stand(conversation: AssistantConversation, *, by: Principal, now: dt.datetime) -> Reply:
    """How things stand, and what comes next. The viewing is loaded as by `for_detail`."""
    viewing = conversation.viewing
    if viewing is None:
        return _sending(conversation) if conversation.times else _asking(conversation)
    if not viewing.is_active:
        return Reply(State.OVER, _over(viewing), [])
    if conversation.state == State.ASKS_CANCELLING:
        question = gettext("Shall I cancel the viewing of %(place)s?") % {"place": viewing.listing}
        return Reply(State.ASKS_CANCELLING, question, [str(CANCEL), str(KEEP)])
    if conversation.times:
        return _sending(conversation)
    return _standing(viewing, by=by, now=now)


def _asking(conversation: AssistantConversation) -> Reply:
    if conversation.listing is None:
        text = gettext("Which place would you like to see? Please send me the link of its page.")
        return Reply(State.ASKS_PLACE, text, [])
    text = gettext("When could you come to see %(place)s? Say it in your own words.")
    suggestions = [*map(str, EXAMPLES), str(HOST_PROPOSES)]
    return Reply(State.ASKS_TIMES, text % {"place": conversation.listing}, suggestions)


def _sending(conversation: AssistantConversation) -> Reply:
    assert conversation.listing is not None  # noqa: S101 -- times are those of a place
    zone = _zone_of(conversation.listing)
    starts = (dt.datetime.fromisoformat(each["start_at"]) for each in conversation.times)
    lines = [gettext("I would propose to the host:"), *_numbered(starts, zone)]
    if conversation.viewing is None:
        if conversation.notes:
            lines.append(gettext("With your words: “%(notes)s”") % {"notes": conversation.notes})
        question = _("Shall I send it? Or tell me other times, or a few words for the host.")
    else:
        if agreed := conversation.viewing.agreed_time:
            lines.append(_agreed(agreed, zone))
            lines.append(gettext("What is agreed stands until the host takes one of them."))
        question = _("Shall I send it? Or tell me other times.")
    lines.append(str(question))
    return Reply(State.ASKS_SENDING, "\n".join(lines), [str(SEND), str(NOT_YET)])


def _standing(viewing: ViewingRequest, *, by: Principal, now: dt.datetime) -> Reply:
    step, zone = policies.next_step(viewing, SEEKER), _zone_of(viewing.listing)
    if step == "choose":
        options = policies.selectable(viewing, SEEKER)
        lines = [gettext("The host proposes:"), *_numbered((o.start_at for o in options), zone)]
        lines.append(gettext("Which one do you take? Other times are possible too."))
        taps = [*map(label, options), str(OTHER_TIMES), str(CALL_OFF)]
        listed = [str(option.pk) for option in options]
        return Reply(State.ASKS_CHOICE, "\n".join(lines), taps, listed=listed)
    if step == "agreed" and viewing.chosen:
        text = _agreed(viewing.chosen, zone)
        place = visible_place(viewing, SEEKER, now)
        lines = [text, gettext("Where: %(place)s") % {"place": place}] if place else [text]
        return Reply(State.AGREED, "\n".join(lines), [str(OTHER_TIMES), str(CALL_OFF)])
    if step == "frozen":
        text = gettext("It is on hold at the moment. We tell you when it goes on.")
        return Reply(State.WAITS, text, [str(CALL_OFF)])
    text = gettext("Your request is with the host. You will get the answer here.")
    if isinstance(by, SeekerSession) and not by.contact:
        more = gettext("Leave me an e-mail address or a phone number, and we send it there too.")
        text = f"{text}\n{more}"
    return Reply(State.WAITS, text, [str(OTHER_TIMES), str(CALL_OFF)])


def _agreed(option: ViewingTimeOption, zone: str) -> str:
    words = gettext("It is agreed: %(time)s (%(zone)s).")
    return words % {"time": format_instant(option.start_at, zone), "zone": zone_name(zone)}


def _over(viewing: ViewingRequest) -> str:
    if viewing.is_cancelled:
        return gettext("This viewing is cancelled. You can ask again on the page of the place.")
    return gettext("This viewing is over.")


def _zone_of(listing: Property) -> str:
    return listing.timezone or "UTC"


def _numbered(starts: Iterable[dt.datetime], zone: str) -> list[str]:
    lines = [f"{n}. {format_instant(start, zone)}" for n, start in enumerate(starts, start=1)]
    return [*lines, f"({zone_name(zone)})"]


def _bare(text: str) -> str:
    return " ".join(plain(text).strip(" .!?।,").split())
