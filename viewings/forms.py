"""The forms of pages and console, and the verbs that they call.

Times are typed as wall clock of the place.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
import datetime as dt
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ghar.accounts.forms import BrowserZone, CodeForm, Identifier
from ghar.accounts.models import Principal
from ghar.accounts.services.contacts import read_identifier
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.lib.formats import zone_name
from ghar.lib.validators import DAY
from ghar.lib.widgets import TextArea
from ghar.notifications.models import Channel
from moderation.forms import DisputeForm
from viewings.models import MAX_OPEN_OPTIONS, ViewingRequest
from viewings.policies.booking import USUAL_LENGTH, ProposedTime, check_time
from viewings.services import closing, messages, reliability, scheduling, visitors
from viewings.services.booking import zone_of
from viewings.states import POSTER, SEEKER, Outcome, Source


class Row(NamedTuple):
    """One time of the form: `number` from 1, and its three fields."""

    number: int
    day: BoundField
    start: BoundField
    end: BoundField


class TimesForm(forms.Form):
    """Up to five times, each a day with a start and, if need be, an end; `zone` is the place's."""

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        for number in range(1, MAX_OPEN_OPTIONS + 1):
            # Five fields would have one name in a summary of errors; beside each a short one will do.
            self.fields[f"day_{number}"] = forms.DateField(
                label=gettext("Time %(n)d, day") % {"n": number},
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}),
                validators=DAY,
            )
            for name, label in (("start", _("Time %(n)d, from")), ("end", _("Time %(n)d, until"))):
                self.fields[f"{name}_{number}"] = forms.TimeField(
                    label=str(label) % {"n": number},
                    required=False,
                    widget=forms.TimeInput(attrs={"type": "time"}),
                )

    @property
    def zone_name(self) -> str:
        return zone_name(self.zone.key)

    @property
    def rows(self) -> Iterator[Row]:
        for number in range(1, MAX_OPEN_OPTIONS + 1):
            yield Row(number, *(self[f"{name}_{number}"] for name in ("day", "start", "end")))

    @property
    def times(self) -> list[ProposedTime]:
        return self.cleaned_data["times"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        read = [self._read(number) for number in range(1, MAX_OPEN_OPTIONS + 1)]
        cleaned["times"] = [time for time in read if time]
        is_row_wrong = any(f.errors for row in self.rows for f in (row.day, row.start, row.end))
        if not cleaned["times"] and not is_row_wrong:
            self._refuse_empty()
        return cleaned

    def _refuse_empty(self) -> None:
        self.add_error("day_1", _("Please propose at least one time."))

    def _read(self, number: int) -> ProposedTime | None:
        names = [f"{name}_{number}" for name in ("day", "start", "end")]
        day, start, end = (self.cleaned_data.get(name) for name in names)
        if any(name in self.errors for name in names) or not (day or start or end):
            return None
        if day is None or start is None:
            missing = names[0] if day is None else names[1]
            self.add_error(missing, _("Please fill in both the day and the time."))
            return None
        begins = self._instant(day, start)
        if begins is None:
            self.add_error(names[1], _("The clocks change that day: this time does not exist."))
            return None
        ends = self._instant(day, end) if end else begins + USUAL_LENGTH
        time = ProposedTime(begins, ends or begins + USUAL_LENGTH, self.zone.key)
        try:
            check_time(time, now=clock.now())
        except Invalid as refusal:
            # The verb says so again, but not of which.
            self.add_error(names[0], str(refusal.message))
        return time

    def _instant(self, day: dt.date, time: dt.time) -> dt.datetime | None:
        return clock.instant_of(dt.datetime.combine(day, time), self.zone)


class WordsForm(forms.Form):
    """When somebody could come, as they would say it; the times go into a TimesForm."""

    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=300,
        help_text=_("“Saturday morning” or “Tuesday after 5 pm”: we fill in free times below."),
    )


def as_initial(times: Iterable[ProposedTime]) -> dict[str, Any]:
    """What a TimesForm shows of these times."""
    initial: dict[str, Any] = {}
    for number, time in enumerate(times, start=1):
        start, end = (t.astimezone(ZoneInfo(time.timezone)) for t in (time.start_at, time.end_at))
        row = {"day": start.date(), "start": start.time(), "end": end.time()}
        initial |= {f"{name}_{number}": value for name, value in row.items()}
    return initial


class RequestForm(TimesForm):
    no_time = forms.BooleanField(
        label=_("I have no time yet: let the host propose one"), required=False
    )
    notes = forms.CharField(
        label=_("A few words to the host"),
        required=False,
        max_length=1000,
        widget=TextArea(attrs={"rows": 3, "data-count": "1"}),
    )
    contact = forms.CharField(
        label=_("E-mail or phone"),
        required=False,
        max_length=254,
        help_text=_(
            "We send you a code to verify it, and then the answer. The host never sees it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    timezone = BrowserZone()

    def __init__(self, *args: Any, has_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_account:
            del self.fields["contact"], self.fields["timezone"]

    def _refuse_empty(self) -> None:
        """No empty request by one tap: who has no time says so."""
        if not self.cleaned_data.get("no_time"):
            words = _("Please propose at least one time, or let the host propose one.")
            self.add_error("day_1", words)

    def clean_contact(self) -> str:
        contact = self.cleaned_data["contact"]
        try:
            return read_identifier(contact, field="contact") if contact else ""
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.message)) from None


class OptionForm(forms.Form):
    """One of the `options` of a request, by its id.

    Where it is not required, nothing chosen means the time that is selected already.
    """

    def __init__(self, *args: Any, options: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_option_id"] = forms.ModelChoiceField(
            options,
            label=_("Time"),
            required=required,
            error_messages={"required": _("Please choose one of the times.")},
        )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=500,
        help_text=_("The other side reads it."),
        widget=TextArea(attrs={"rows": 2}),
    )


class CompleteForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How was it?"), choices=Outcome.choices, initial=Outcome.ATTENDED
    )


class MeetingPointForm(forms.Form):
    meeting_point = forms.CharField(
        label=_("Meeting point"),
        required=False,
        max_length=250,
        help_text=_("Shown instead of the address, once the viewing is confirmed."),
    )


class MessageForm(forms.Form):
    """To the other side; the team chooses between both."""

    message = forms.CharField(
        label=_("Message"), max_length=500, widget=TextArea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, readers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ChoiceField(
            label=_("To"),
            choices=[(reader, Source(reader).label) for reader in readers],
            initial=readers[0],
            widget=forms.Select if len(readers) > 1 else forms.HiddenInput,
        )


class RunningLateForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label=_("By how much, about?"),
        choices=[(10, _("10 minutes")), (20, _("20 minutes")), (30, _("30 minutes"))],
        coerce=int,
        widget=forms.RadioSelect,
    )


class ContactForm(forms.Form):
    contact = Identifier()


class SettleForm(forms.Form):
    note = forms.CharField(
        label=_("What came of it"), max_length=500, widget=TextArea(attrs={"rows": 2})
    )


# --- From a form to its verb ------------------------------------------------------------------------
FormMaker = Callable[[Any, ViewingRequest, str], forms.Form]


def _typed(form: Any) -> dict[str, Any]:
    return form.cleaned_data


@dataclass(frozen=True)
class Step:
    """`make_form(data, viewing, side)` reads what `verb` takes; `facts(form)` says it so."""

    make_form: FormMaker
    verb: Callable[..., object]
    facts: Callable[[Any], dict[str, Any]] = _typed

    def take(self, viewing: ViewingRequest, by: Principal, form: forms.Form) -> None:
        self.verb(viewing=viewing, by=by, **self.facts(form))


def _times_form(data: Any, viewing: ViewingRequest, side: str) -> forms.Form:
    return TimesForm(data, zone=zone_of(viewing))


def _option_form(data: Any, viewing: ViewingRequest, side: str) -> forms.Form:
    return OptionForm(data, options=viewing.options.all())


def _optional_option_form(data: Any, viewing: ViewingRequest, side: str) -> forms.Form:
    return OptionForm(data, options=viewing.options.all(), required=False)


def _plain(form_class: type[forms.Form]) -> FormMaker:
    return lambda data, viewing, side: form_class(data)


def _meeting_point_form(data: Any, viewing: ViewingRequest, side: str) -> forms.Form:
    return MeetingPointForm(data, initial={"meeting_point": viewing.meeting_point})


def _message_form(data: Any, viewing: ViewingRequest, side: str) -> forms.Form:
    return MessageForm(data, readers=[reader for reader in (SEEKER, POSTER) if reader != side])


def _times(form: TimesForm) -> dict[str, Any]:
    return {"times": form.times}


def _option(form: forms.Form) -> dict[str, Any]:
    return {"option": form.cleaned_data["time_option_id"]}


def _message(form: forms.Form) -> dict[str, Any]:
    return {"channel": Channel.IN_APP, **form.cleaned_data}


STEPS: Final[dict[str, Step]] = {
    "offer": Step(_times_form, scheduling.offer_times, _times),
    "select": Step(_option_form, scheduling.select_time, _option),
    "confirm": Step(_optional_option_form, scheduling.confirm_viewing, _option),
    "reschedule": Step(_times_form, scheduling.reschedule_viewing, _times),
    "cancel": Step(_plain(CancelForm), closing.cancel_viewing),
    "complete": Step(_plain(CompleteForm), closing.complete_viewing),
    "meeting_point": Step(_meeting_point_form, messages.give_meeting_point),
    "notify": Step(_message_form, messages.notify_other_side, _message),
    "running_late": Step(_plain(RunningLateForm), messages.tell_running_late),
    "settle": Step(_plain(SettleForm), messages.settle_flag),
    "dispute": Step(_plain(DisputeForm), reliability.dispute_outcome),
    "contact": Step(_plain(ContactForm), visitors.give_contact),
    "send_code": Step(_plain(forms.Form), visitors.send_code),
    "confirm_code": Step(_plain(CodeForm), visitors.confirm_code),
}
