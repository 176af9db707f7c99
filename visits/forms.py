"""The forms of pages, and the verbs that they call.

Times are typed as wall clock of the place; a suggested one is an instant.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.lib import clock
from ghar.lib.validators import DAY
from ghar.lib.widgets import HiddenText, TextArea
from ghar.properties.models import Property
from visits.models import Agent, Visit
from visits.policies.steps import FIELDS
from visits.services import agents, assigning, closing, scheduling
from visits.states import VISITOR, Outcome

LONG: Final = TextArea(attrs={"rows": 3, "data-count": "1"})
STARS: Final = range(1, 6)
SHORT: Final = TextArea(attrs={"rows": 2})


def _form_text(model: type[Model], name: str, **facts: Any) -> Any:
    """A field as long as its column, and required as it is unless `facts` say otherwise."""
    column: Any = model._meta.get_field(name)
    return column.formfield(**facts)


class InstantField(forms.CharField):
    """An instant with its offset, as the page wrote it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("Please choose one of the times.")) from error


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"})
    default_validators = DAY


class TimeForm(forms.Form):
    """One time: suggested, typed, or one of the three that are free instead; in `zone`."""

    slot = InstantField(label=_("Time"), required=False)
    # The button of one that is free instead; it outweighs what was asked for before.
    alternative = InstantField(required=False)
    day = DayField(label=_("Day"), required=False)
    time = forms.TimeField(
        label=_("Time of day"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    @property
    def moment(self) -> dt.datetime:
        return self.cleaned_data["moment"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["moment"] = cleaned["alternative"] or self._chosen(cleaned)
        return cleaned

    def _chosen(self, cleaned: dict[str, Any]) -> dt.datetime | None:
        slot, day, time = cleaned["slot"], cleaned["day"], cleaned["time"]
        if slot and (day or time):
            self.add_error("slot", _("You chose a time and typed another one: please keep one."))
        elif not slot and not day and not time:
            self.add_error("slot", _("Please choose a time, or type one."))
        elif not slot and not (day and time):
            missing = "time" if day else "day"
            self.add_error(missing, _("Please fill in both the day and the time."))
        elif not slot:
            return self._instant(day, time)
        return slot

    def _instant(self, day: dt.date, time: dt.time) -> dt.datetime | None:
        moment = clock.instant_of(dt.datetime.combine(day, time), self.zone)
        if moment is None:
            self.add_error("time", _("The clocks change that day: this time does not exist."))
        return moment


class TourForm(TimeForm):
    special_requirements = _form_text(
        Visit,
        "special_requirements",
        label=_("What should we know?"),
        help_text=_("Steps you cannot climb, a language you prefer, somebody who comes along."),
        widget=LONG,
    )


class PlaceChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.place})"


class MeetForm(TourForm):
    """`places` are those among which the two can choose. The times that the page suggested were
    written in `shown_zone`: if the chosen place has another one, the reader looks again.
    """

    shown_zone = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: list[Property], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = PlaceChoice(
            Property.objects.filter(pk__in=[place.pk for place in places]),
            label=_("Where?"),
            widget=forms.RadioSelect,
            initial=places[0],
            empty_label=None,
        )

    def clean_shown_zone(self) -> str:
        shown = self.cleaned_data["shown_zone"]
        if shown and shown != self.zone.key:
            raise forms.ValidationError(
                _("This place has another time zone. Please look at the time once more.")
            )
        return shown


class RescheduleForm(TimeForm):
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("The other side reads it."),
        required=False,
        max_length=500,
        widget=SHORT,
    )


class CancelForm(forms.Form):
    reason = _form_text(
        Visit,
        "cancellation_reason",
        label=_("Why?"),
        help_text=_("The other side reads it. A word is enough."),
        required=True,
        widget=SHORT,
    )


class CompleteForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What happened?"),
        choices=Outcome.choices,
        initial=Outcome.ATTENDED,
        widget=forms.RadioSelect,
    )
    notes = _form_text(
        Visit,
        "visit_notes",
        label=_("Notes"),
        help_text=_("For everybody who takes part."),
        widget=SHORT,
    )
    feedback = _form_text(Visit, "visitor_feedback", label=_("What the visitor said"), widget=SHORT)

    def __init__(self, *args: Any, visit: Visit, side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if side == VISITOR:
            self.fields["feedback"].label = _("How was it?")
        elif not visit.is_tour:
            del self.fields["feedback"]


class RatingForm(forms.Form):
    """How the agent of a tour was, `name` by name."""

    user_satisfaction = forms.TypedChoiceField(
        choices=[(stars, str(stars)) for stars in STARS],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one to five stars.")},
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user_satisfaction"].label = gettext("How was %(name)s?") % {"name": name}


class NotesForm(forms.Form):
    """What this side may change; see visits.policies.FIELDS. It brings back what its writer read:
    only what they changed is written, and not over the words of somebody who was faster.
    """

    special_requirements = TourForm.base_fields["special_requirements"]
    visitor_feedback = _form_text(Visit, "visitor_feedback", label=_("In your words"), widget=LONG)
    interest_level = forms.TypedChoiceField(
        label=_("Would you move in?"),
        choices=[
            ("", _("I do not know yet")),
            (5, _("Yes, at once")),
            (4, _("Probably")),
            (3, _("Perhaps")),
            (2, _("Rather not")),
            (1, _("No")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    visit_notes = _form_text(
        Visit,
        "visit_notes",
        label=_("Notes"),
        help_text=_("For everybody who takes part."),
        widget=LONG,
    )
    follow_up_required = forms.BooleanField(label=_("Get in touch again"), required=False)
    follow_up_date = DayField(label=_("When?"), required=False)

    def __init__(self, *args: Any, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {name: field for name, field in self.fields.items() if name in names}
        for field in self.fields.values():
            field.show_hidden_initial = True
            if isinstance(field.widget, TextArea):
                field.hidden_widget = HiddenText

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("follow_up_required") and not cleaned.get("follow_up_date"):
            self.add_error("follow_up_date", _("Please say on which day."))
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}

    @property
    def read(self) -> dict[str, Any]:
        """The words in whose place their writer has put others."""
        return {
            name: self.fields[name].to_python(self._as_it_was(name))
            for name in self.changed_data
            if self.fields[name].hidden_widget is HiddenText
        }

    def _as_it_was(self, name: str) -> Any:
        return HiddenText().value_from_datadict(self.data, {}, self[name].html_initial_name)


class AwayForm(forms.Form):
    """From now on, until the morning of a day in the agent's zone, or until further notice."""

    back_on = DayField(
        label=_("Back on"),
        help_text=_("Leave it empty if you do not know yet."),
        required=False,
    )
    reason = _form_text(Agent, "unavailable_reason", label=_("Why?"), help_text=_("For our team."))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    @property
    def until(self) -> dt.datetime | None:
        day = self.cleaned_data["back_on"]
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC) if day else None


# --- From a form to its verb ------------------------------------------------------------------------
def _typed(form: Any) -> dict[str, Any]:
    return form.cleaned_data


@dataclass(frozen=True)
class Step:
    """`make_form(data, visit, side, auto_id)` reads what `verb` takes; `facts(form)` says it so."""

    make_form: Callable[[Any, Visit, str, str], forms.Form]
    verb: Callable[..., object]
    facts: Callable[[Any], dict[str, Any]] = _typed

    def take(self, visit: Visit, by: User, form: forms.Form) -> None:
        self.verb(visit=visit, by=by, **self.facts(form))


def _plain(form_class: type[forms.Form]) -> Callable[[Any, Visit, str, str], forms.Form]:
    return lambda data, visit, side, auto_id: form_class(data, auto_id=auto_id)


def _reschedule_form(data: Any, visit: Visit, side: str, auto_id: str) -> forms.Form:
    return RescheduleForm(data, zone=visit.timezone, auto_id=auto_id)


def _complete_form(data: Any, visit: Visit, side: str, auto_id: str) -> forms.Form:
    return CompleteForm(data, visit=visit, side=side, auto_id=auto_id)


def _notes_form(data: Any, visit: Visit, side: str, auto_id: str) -> forms.Form:
    names = note_fields(visit, side)
    initial = {name: getattr(visit, name) for name in names}
    return NotesForm(data, names=names, initial=initial, auto_id=auto_id)


def _rating_form(data: Any, visit: Visit, side: str, auto_id: str) -> forms.Form:
    return RatingForm(data, name=visit.agent.name if visit.agent else "", auto_id=auto_id)


def note_fields(visit: Visit, side: str) -> list[str]:
    """What is worth asking now: wishes before, impressions after."""
    if side not in FIELDS:
        return ["visit_notes", "follow_up_required", "follow_up_date"]
    return ["special_requirements"] if visit.is_active else ["visitor_feedback", "interest_level"]


def _new_time(form: RescheduleForm) -> dict[str, Any]:
    return {"new_date": form.moment, "reason": form.cleaned_data["reason"]}


def _changes(form: NotesForm) -> dict[str, Any]:
    return {"changes": form.changes, "read": form.read}


def _kept_promise(form: forms.Form) -> dict[str, Any]:
    return {"changes": {"follow_up_required": False}}


STEPS: Final[dict[str, Step]] = {
    "confirm": Step(_plain(forms.Form), scheduling.confirm_visit),
    "reschedule": Step(_reschedule_form, scheduling.reschedule_visit, _new_time),
    "withdraw": Step(_plain(forms.Form), scheduling.withdraw_reschedule),
    "cancel": Step(_plain(CancelForm), closing.cancel_visit),
    "complete": Step(_complete_form, closing.complete_visit),
    "undo": Step(_plain(forms.Form), closing.undo_step),
    "assign": Step(_plain(forms.Form), assigning.hand_over),
    "note": Step(_notes_form, scheduling.edit_visit, _changes),
    "followed-up": Step(_plain(forms.Form), scheduling.edit_visit, _kept_promise),
    "rate": Step(_rating_form, agents.rate_agent),
}


class ArrivalForm(forms.Form):
    code = forms.CharField(
        label=_("The code that the other side shows"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
