"""A verb from a form: read it, call it, and show what came of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms

from ghar.accounts.models import Principal
from ghar.notifications.models import Channel
from viewings.forms import (
    CancelForm,
    CompleteForm,
    MeetingPointForm,
    MessageForm,
    OptionalOptionForm,
    OptionForm,
    TimesForm,
)
from viewings.models import ViewingRequest
from viewings.services import closing, messages, scheduling
from viewings.services.booking import zone_of
from viewings.states import POSTER, SEEKER

FormMaker = Callable[..., forms.Form]


class Step(NamedTuple):
    """`make_form(data, viewing)` reads what `call(viewing, by, form)` needs."""

    make_form: FormMaker
    call: Callable[[ViewingRequest, Principal, Any], object]


def _times_form(data: Any, viewing: ViewingRequest) -> forms.Form:
    return TimesForm(data, zone=zone_of(viewing))


def _option_form(data: Any, viewing: ViewingRequest) -> forms.Form:
    return OptionForm(data, options=viewing.options.all())


def _optional_option_form(data: Any, viewing: ViewingRequest) -> forms.Form:
    return OptionalOptionForm(data, options=viewing.options.all())


def _plain(form_class: type[forms.Form]) -> FormMaker:
    return lambda data, viewing: form_class(data)


def _meeting_point_form(data: Any, viewing: ViewingRequest) -> forms.Form:
    return MeetingPointForm(data, initial={"meeting_point": viewing.meeting_point})


def _offer(viewing: ViewingRequest, by: Principal, form: TimesForm) -> object:
    return scheduling.offer_times(viewing=viewing, times=form.times, by=by)


def _reschedule(viewing: ViewingRequest, by: Principal, form: TimesForm) -> object:
    return scheduling.reschedule_viewing(viewing=viewing, times=form.times, by=by)


def _select(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    option = form.cleaned_data["time_option_id"]
    return scheduling.select_time(viewing=viewing, option=option, by=by)


def _confirm(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    option = form.cleaned_data["time_option_id"]
    return scheduling.confirm_viewing(viewing=viewing, option=option, by=by)


def _cancel(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    return closing.cancel_viewing(viewing=viewing, by=by, **form.cleaned_data)


def _complete(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    return closing.complete_viewing(viewing=viewing, by=by, **form.cleaned_data)


def _meeting_point(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    return messages.give_meeting_point(viewing=viewing, by=by, **form.cleaned_data)


def _notify(viewing: ViewingRequest, by: Principal, form: forms.Form) -> object:
    to = SEEKER if viewing.side_of(by) == POSTER else POSTER
    return messages.notify_other_side(
        viewing=viewing, to=to, channel=Channel.IN_APP, by=by, **form.cleaned_data
    )


STEPS: dict[str, Step] = {
    "offer": Step(_times_form, _offer),
    "select": Step(_option_form, _select),
    "confirm": Step(_optional_option_form, _confirm),
    "reschedule": Step(_times_form, _reschedule),
    "cancel": Step(_plain(CancelForm), _cancel),
    "complete": Step(_plain(CompleteForm), _complete),
    "meeting_point": Step(_meeting_point_form, _meeting_point),
    "notify": Step(_plain(MessageForm), _notify),
}
