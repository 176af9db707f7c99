"""What the team types about agents and assignment; the verbs judge it."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _

from ghar.properties.states import PropertyType
from visits import assignment
from visits.assignment import Candidate
from visits.models import Agent
from visits.models.agents import WEEKDAYS
from visits.rules.hours import problems_of

HOURS_HINT = _("As in 09:00-13:00, 14:00-18:00; empty for a day off.")


def day_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=100)


class AgentForm(forms.ModelForm):
    """Hours are typed day by day."""

    specialities = forms.MultipleChoiceField(
        label=_("Specialities"),
        choices=PropertyType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means every type of home."),
    )
    days_off = SimpleArrayField(
        forms.DateField(),
        label=_("Days off"),
        required=False,
        help_text=_("As in 2027-01-01, 2027-05-01."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    mon = day_field(_("Monday"))
    tue = day_field(_("Tuesday"))
    wed = day_field(_("Wednesday"))
    thu = day_field(_("Thursday"))
    fri = day_field(_("Friday"))
    sat = day_field(_("Saturday"))
    sun = day_field(_("Sunday"))

    class Meta:
        model = Agent
        fields = (
            *("name", "user", "is_active", "languages", "areas", "specialities", "agent_type"),
            *("experience_level", "timezone", "days_off", "daily_capacity", "weight"),
        )
        help_texts = {
            "languages": _("Codes, as in en, hi, fr, rw. A tour needs one that the visitor reads."),
            "areas": _("Cities, or a part of one, as in Kigali/Remera; empty for everywhere."),
            "weight": _("Twice the weight, twice the share of the tours."),
            "user": _("The account with which they sign in; without one they see nothing here."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in WEEKDAYS:
            pairs = self.instance.working_hours.get(day, [])
            self.initial.setdefault(day, ", ".join("-".join(pair) for pair in pairs))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        week = {day: _pairs_in(cleaned.get(day, "")) for day in WEEKDAYS}
        for day in WEEKDAYS:
            if problems_of({day: week[day]}):
                self.add_error(day, HOURS_HINT)
        cleaned["working_hours"] = {day: pairs for day, pairs in week.items() if pairs}
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        """By column, as the verbs take them."""
        return {name: self.cleaned_data[name] for name in (*AgentForm.Meta.fields, "working_hours")}


def _pairs_in(text: str) -> list[list[str]]:
    return [[time.strip() for time in span.split("-")] for span in text.split(",") if span.strip()]


class AssignForm(forms.Form):
    """Whom to send; each with their load, and with what would keep them from coming."""

    agent = forms.ModelChoiceField(
        Agent.objects.active(),
        label=_("Agent"),
        required=False,
        empty_label=_("Whoever is next, but for the present one"),
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["agent"]
        choice.choices = [
            ("", choice.empty_label),
            *((c.agent.pk, _in_words(c)) for c in candidates if c.agent.is_active),
        ]


def _in_words(candidate: Candidate) -> str:
    words = {"name": candidate.agent.name, "n": candidate.load.open}
    line = _("%(name)s, open load %(n)s") % words
    why = candidate.lost_because
    return f"{line} ({assignment.REASONS[why]})" if why else line
