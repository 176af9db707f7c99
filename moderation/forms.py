from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ghar.lib.widgets import TextArea
from ghar.properties.forms import offer
from moderation import policies
from moderation.models import Appeal, Case, Decision, RiskScore, Sanction
from moderation.services.summary import message_for
from moderation.states import DisputeKind, ReasonCode, Verdict


class AppealForm(forms.ModelForm):
    class Meta:
        model = Appeal
        fields = ("message",)
        labels = {"message": _("What should a second person know?")}
        widgets = {"message": TextArea(attrs={"rows": 6})}


class EvidenceForm(forms.Form):
    file = forms.FileField(
        label=_("A picture that shows that this home is yours to offer"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class DecisionForm(forms.ModelForm):
    """What a moderator decides on a case; `version` is that of the case as it was read."""

    decision = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)
    reason_codes = forms.MultipleChoiceField(
        choices=ReasonCode.choices,
        required=False,
        label=_("Reasons"),
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    and_next = forms.BooleanField(required=False)

    class Meta:
        model = Decision
        fields = ("reason_codes", "message", "note")
        labels = {
            "message": _("What the poster reads (empty: the kind words of the reasons)"),
            "note": _("Note for staff"),
        }
        widgets = {
            "message": TextArea(attrs={"rows": 5}),
            "note": TextArea(attrs={"rows": 3}),
        }

    def __init__(self, data: Any = None, *, case: Case, score: RiskScore | None = None) -> None:
        """`score`: what it found is ticked, for whoever finds the same in what stands there now."""
        may_blame = not policies.BLAMES.isdisjoint(policies.verdicts_for(case))
        version = case.listing.content_version if case.listing else None
        is_current = score is not None and score.content_version == version
        found = score.codes if score and is_current and may_blame else []
        initial = {"version": case.version, "reason_codes": found}
        super().__init__(data, initial=initial)
        if case.listing is None or policies.is_about_reports(case):
            del self.fields["reason_codes"]
            self.fields["message"].label = _("What the person reads (empty: our own kind words)")
        else:
            # Beside each code the words that its reader gets.
            poster = case.listing.owner
            words = [(code, f"{code}: {message_for(poster, [code])}") for code in ReasonCode]
            offer(self, "reason_codes", words)
        offer(self, "decision", [(v, v.label) for v in policies.verdicts_for(case)])

    def answers(self) -> dict[str, Any]:
        """What verdicts.decide_any_case takes of it; whoever lets a listing pass blames nothing."""
        answers = {name: value for name, value in self.cleaned_data.items() if name != "and_next"}
        if "reason_codes" in answers and answers["decision"] in policies.CLEARS:
            answers["reason_codes"] = []
        return answers


class SanctionForm(forms.ModelForm):
    """A warning or a suspension, with the words that the person reads."""

    message = forms.CharField(
        label=_("What the person reads"), max_length=500, widget=TextArea(attrs={"rows": 5})
    )

    class Meta:
        model = Sanction
        fields: tuple[str, ...] = ("message", "note")
        labels = {"note": _("Note for staff")}
        widgets = {"note": TextArea(attrs={"rows": 3})}


class LiftForm(forms.ModelForm):
    class Meta(SanctionForm.Meta):
        fields = ("note",)


class DisputeForm(forms.Form):
    # What the page asked about; it may be something else by now.
    kind = forms.TypedChoiceField(
        choices=DisputeKind.choices, required=False, empty_value=DisputeKind.RECORD
    )
    message = forms.CharField(
        label=_("What happened?"),
        max_length=1000,
        widget=TextArea(attrs={"rows": 4, "data-count": "1"}),
    )
