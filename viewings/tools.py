"""Tools of a viewing: ask, offer, choose, confirm, move, call off, write."""

from collections.abc import Callable
from typing import Any, Final
import uuid

from rest_framework import serializers

from ghar import flags
from ghar.api import limits
from ghar.api.tools import Call, Toolbox, ToolInput
from ghar.errors import NotAllowed
from ghar.properties.models import Property
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.serializers import (
    MessageInput,
    OptionalOptionInput,
    OptionInput,
    ProposedTimeInput,
    RequestInput,
    SentSerializer,
    TimesInput,
    ViewingCancelInput,
    ViewingSerializer,
    proposed_times,
    viewing_answer,
)
from viewings.services import closing, messages, requests, scheduling
from viewings.states import Source, ViewingStatus

STEP: Final[dict[str, Any]] = {"acts_as_caller": True, "feature": flags.VIEWINGS}
toolbox = Toolbox()


def _own_side() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        Source.choices, required=False, help_text="Your own side; no other is accepted."
    )


class CreateTool(ToolInput, RequestInput):
    contact = None  # type: ignore[assignment]  # an account has its own
    words = {
        "property_id": "Of the listing, from properties_search.",
        "notes": "What the poster should know; they read it.",
        "time_options": "Up to five times that suit the user.",
    }


class ViewingInput(ToolInput):
    viewing_request_id = serializers.UUIDField(help_text="From viewing.create_request.")


class OfferTool(ViewingInput, TimesInput):
    source = _own_side()  # type: ignore[assignment]
    words = {"time_options": "Up to five that are open at once, other times than those."}


class SelectTool(ViewingInput, OptionInput):
    words = {"time_option_id": "One of time_options that the other side offered."}


class ConfirmTool(ViewingInput, OptionalOptionInput):
    words = {"time_option_id": "Choose this one of the seeker's and agree to it in one step."}


class RescheduleTool(ViewingInput):
    new_time_options = ProposedTimeInput(many=True, help_text="Up to five other times.")
    by = _own_side()


class CancelTool(ViewingInput, ViewingCancelInput):
    by = _own_side()
    words = {"reason": "The other side reads it."}


class MessageTool(ViewingInput, MessageInput):
    words = {
        "to": "The other side.",
        "channel": "in_app reaches everybody; of the others only what the reader has opted in to.",
        "message": "What to write.",
    }


class CreatedSerializer(serializers.Serializer):
    viewing_request_id = serializers.UUIDField()
    viewing = ViewingSerializer()


class OfferedSerializer(serializers.Serializer):
    offered_count = serializers.IntegerField()
    viewing = ViewingSerializer()


class StatusSerializer(serializers.Serializer):
    status = serializers.ChoiceField(ViewingStatus.choices)
    viewing = ViewingSerializer()


@toolbox.add("viewing.create_request", CreateTool, CreatedSerializer, **STEP)
def create_request(
    call: Call, *, property_id: uuid.UUID, notes: str, time_options: list[dict[str, Any]]
) -> dict[str, Any]:
    """Ask to see a listing, with up to five times: {viewing_request_id, viewing}.

    REQUEST_OPEN with details.viewing_request_id if you have an open request for it already.
    """
    limits.hit("viewing_requests", call.address)
    listing = call.get_one(Property.objects.select_related("owner"), property_id)
    times = proposed_times(time_options, listing)
    viewing = requests.create_request(listing=listing, by=call.caller, notes=notes, times=times)
    return {"viewing_request_id": viewing.pk, "viewing": _read(call, viewing.pk)}


@toolbox.add("viewing.offer_times", OfferTool, OfferedSerializer, **STEP)
def offer_times(
    call: Call,
    *,
    viewing_request_id: uuid.UUID,
    time_options: list[dict[str, Any]],
    source: str = "",
) -> dict[str, Any]:
    """Offer times beside your open ones, five open at most; those of the other side are out.

    {offered_count, viewing}. PAST_DATE, TOO_SOON, TOO_FAR, TOO_MANY_OPTIONS.
    """
    _propose(scheduling.offer_times, call, viewing_request_id, time_options, source)
    return {"offered_count": len(time_options), "viewing": _read(call, viewing_request_id)}


@toolbox.add("viewing.select_time", SelectTool, StatusSerializer, is_repeatable=True, **STEP)
def select_time(
    call: Call, *, viewing_request_id: uuid.UUID, time_option_id: uuid.UUID
) -> dict[str, Any]:
    """Choose one of the times that the other side offered: {status, viewing}.

    SLOT_TAKEN with three details.alternatives if somebody was faster.
    """
    viewing = _one(call, viewing_request_id)
    option = call.get_one(viewing.options.all(), time_option_id)
    scheduling.select_time(viewing=viewing, option=option, by=call.caller)
    return _status(call, viewing_request_id)


@toolbox.add("viewing.confirm", ConfirmTool, StatusSerializer, is_repeatable=True, **STEP)
def confirm(
    call: Call, *, viewing_request_id: uuid.UUID, time_option_id: uuid.UUID | None
) -> dict[str, Any]:
    """As the poster: agree to the chosen time, or with `time_option_id` to one of the seeker's:
    {status, viewing}. INVALID_TRANSITION while nothing is chosen.
    """
    viewing = _one(call, viewing_request_id)
    option = call.get_one(viewing.options.all(), time_option_id) if time_option_id else None
    scheduling.confirm_viewing(viewing=viewing, option=option, by=call.caller)
    return _status(call, viewing_request_id)


@toolbox.add("viewing.reschedule", RescheduleTool, StatusSerializer, **STEP)
def reschedule(
    call: Call,
    *,
    viewing_request_id: uuid.UUID,
    new_time_options: list[dict[str, Any]],
    by: str = "",
) -> dict[str, Any]:
    """Ask for another time, with up to five: {status, viewing}. What was agreed stays booked
    until something new is.
    """
    _propose(scheduling.reschedule_viewing, call, viewing_request_id, new_time_options, by)
    return _status(call, viewing_request_id)


@toolbox.add(
    "viewing.cancel", CancelTool, StatusSerializer, destroys=True, is_repeatable=True, **STEP
)
def cancel(
    call: Call, *, viewing_request_id: uuid.UUID, reason: str, by: str = ""
) -> dict[str, Any]:
    """Call it off, with a reason that the other side reads: {status, viewing}."""
    viewing = _one(call, viewing_request_id)
    _check_side(call, viewing, by)
    closing.cancel_viewing(viewing=viewing, by=call.caller, reason=reason)
    return _status(call, viewing_request_id)


@toolbox.add("notify.viewing_update", MessageTool, SentSerializer, **STEP)
def notify(call: Call, *, viewing_request_id: uuid.UUID, **words: str) -> dict[str, Any]:
    """Write to the other side of a viewing: {sent}, false where they do not read that channel."""
    viewing = _one(call, viewing_request_id)
    limits.hit("messages", call.caller.event_channel)
    return {"sent": messages.notify_other_side(viewing=viewing, by=call.caller, **words)}


def _propose(
    verb: Callable[..., ViewingRequest],
    call: Call,
    pk: uuid.UUID,
    times: list[dict[str, Any]],
    side: str,
) -> None:
    viewing = _one(call, pk)
    _check_side(call, viewing, side)
    verb(viewing=viewing, times=proposed_times(times, viewing.listing), by=call.caller)


def _check_side(call: Call, viewing: ViewingRequest, claimed: str) -> None:
    """Nobody speaks for another side than their own."""
    if claimed and claimed != policies.party_side(viewing, call.caller):
        raise NotAllowed


def _one(call: Call, pk: uuid.UUID) -> ViewingRequest:
    mine = ViewingRequest.objects.visible_to(call.caller)
    return call.get_one(mine.select_related("listing"), pk)


def _status(call: Call, pk: uuid.UUID) -> dict[str, Any]:
    viewing = _read(call, pk)
    return {"status": viewing["status"], "viewing": viewing}


def _read(call: Call, pk: uuid.UUID) -> dict[str, Any]:
    mine = ViewingRequest.objects.visible_to(call.caller).for_detail()
    return viewing_answer(call.get_one(mine, pk), by=call.caller)
