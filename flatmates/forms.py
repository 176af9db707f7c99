"""What the pages of flatmates read."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from flatmates.models import Profile, QnaAnswer
from flatmates.rules.catalogs import CATALOGS, QUIZ
from flatmates.rules.tags import LONGEST
from flatmates.services.profiles import WRONG_BUDGET, is_in_order
from flatmates.states import DealBreaker, Gender, Mode, MoveIn, Vote
from ghar.lib.widgets import TextArea
from ghar.properties.forms import NOT_SAID, offer
from ghar.properties.states import Currency, GenderPreference
from moderation.states import ReportReason


class MessageForm(forms.Form):
    body = forms.CharField(
        label=_("Your message"),
        max_length=4000,
        required=False,
        widget=TextArea({"rows": 2, "autocomplete": "off"}),
    )
    attachment_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    client_msg_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AnswersForm(forms.Form):
    """The questions of a match by their keys, `questions` with their words; some may wait."""

    def __init__(self, data: Any = None, *, questions: dict[str, Any], initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="qna-%s")
        longest = QnaAnswer._meta.get_field("answer").max_length
        for key, words in questions.items():
            self.fields[key] = forms.CharField(
                label=words, max_length=longest, required=False, widget=TextArea({"rows": 2})
            )

    def given(self) -> dict[str, str]:
        return {key: answer for key, answer in self.cleaned_data.items() if answer}


# --- One's own profile: the steps of the welcome --------------------------------------------------
class StepForm(forms.ModelForm):
    """Some columns of a profile; everything may be left empty, and the service has the last word.

    `offers` are the choices of its columns, in the words of the page.
    """

    offers: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.offers.items():
            offer(self, name, choices)


class WhyForm(StepForm):
    offers = {"mode": Mode.choices}

    class Meta:
        model = Profile
        fields = ("mode",)
        widgets = {"mode": forms.RadioSelect}


class WhereForm(StepForm):
    offers = {"currency": [("", _("That of the city")), *Currency.choices]}

    class Meta:
        model = Profile
        fields = ("city", "locality", "budget_min", "budget_max", "currency")
        widgets = {
            "city": forms.TextInput(attrs={"list": "cities", "autocomplete": "address-level2"}),
            "locality": forms.TextInput(attrs={"list": "localities"}),
        }
        help_texts = {
            "locality": _("The part of town. Others see it, never a street."),
            "budget_max": _("Your share of the rent, a month."),
        }

    def clean(self) -> dict[str, Any]:
        """In words, before the constraint says it without."""
        data = super().clean() or {}
        if not is_in_order(data.get("budget_min"), data.get("budget_max")):
            self.add_error("budget_max", str(WRONG_BUDGET))
        return data


class MoveInForm(StepForm):
    offers = {"move_in_timeline": MoveIn.choices}

    class Meta:
        model = Profile
        fields = ("move_in_timeline", "move_in_date")
        widgets = {
            "move_in_timeline": forms.RadioSelect,
            "move_in_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "move_in_date": _("Once it has passed we hide your profile until you name a new one.")
        }


class LifeForm(StepForm):
    class Meta:
        model = Profile
        fields = (*QUIZ, "pets")
        widgets = dict.fromkeys(fields, forms.RadioSelect)
        labels = QUIZ | {"pets": _("Do you have pets?")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            column: Any = Profile._meta.get_field(name)
            offer(self, name, [*column.choices, *NOT_SAID])


class AboutForm(StepForm):
    offers = {"gender": [*NOT_SAID, *Gender.choices]}

    vibe_tags = forms.MultipleChoiceField(
        label=_("Words that fit you"), required=False, widget=forms.CheckboxSelectMultiple
    )
    photo = forms.FileField(
        label=_("A photo of you"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = Profile
        fields = (
            *("age", "gender", "profession", "bio", "vibe_tags", "native_place", "linkedin_url"),
        )
        help_texts = {
            "age": _("Others see a range, such as 25-30."),
            "bio": _("What is it like to live with you?"),
            "native_place": _("Only you see it."),
            "linkedin_url": _("Only you see it."),
        }
        widgets = {"bio": TextArea(attrs={"rows": 4, "data-count": "1"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(entry["value"], entry["label"]) for entry in CATALOGS["vibe_tags"]()]
        values = {value for value, _label in known}
        own = [(word, word) for word in self.instance.vibe_tags if word not in values]
        offer(self, "vibe_tags", [*known, *own])
        self.order_fields(["photo", *self.fields])


class WishesForm(StepForm):
    offers = {"gender_preference": GenderPreference.choices}

    non_negotiables = forms.MultipleChoiceField(
        label=_("Deal-breakers"),
        required=False,
        choices=DealBreaker.choices,
        help_text=_("You are not shown people who break one, nor are you shown to them."),
        widget=forms.CheckboxSelectMultiple,
    )
    strict_non_negotiables = forms.MultipleChoiceField(
        label=_("Strict ones"),
        required=False,
        choices=DealBreaker.choices,
        help_text=_("Of your deal-breakers: those that somebody who has not answered fails, too."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Profile
        fields = ("gender_preference", "non_negotiables", "strict_non_negotiables")
        widgets = {"gender_preference": forms.RadioSelect}
        help_texts = {"gender_preference": _("For a room or a flat that you share.")}


WELCOME: Final[dict[str, type[StepForm]]] = {
    "why": WhyForm,
    "place": WhereForm,
    "move-in": MoveInForm,
    "life": LifeForm,
    "about": AboutForm,
    "wishes": WishesForm,
}


# --- What somebody tells us about another person --------------------------------------------------
class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=ReportReason.choices, widget=forms.RadioSelect
    )
    notes = forms.CharField(
        label=_("In your words"),
        max_length=2000,
        required=False,
        help_text=_("What happened, and when? It helps us to see it as you did."),
        widget=TextArea({"rows": 4, "data-count": "1"}),
    )
    also_block = forms.BooleanField(
        label=_("Block this person, too"),
        required=False,
        help_text=_("You will not see each other any more. They are not told."),
    )


# --- The deck -------------------------------------------------------------------------------------
class DeckForm(forms.Form):
    """Filters of the deck, all of them optional; the same as over the API but for the radius."""

    city = forms.CharField(
        label=_("City"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"list": "cities", "autocomplete": "address-level2"}),
    )
    move_in = forms.ChoiceField(label=_("Moving in"), required=False)
    budget_min = forms.IntegerField(
        label=_("Budget from"), min_value=0, max_value=10**9, required=False
    )
    budget_max = forms.IntegerField(
        label=_("Budget to"), min_value=0, max_value=10**9, required=False
    )
    age_min = forms.IntegerField(label=_("Age from"), min_value=18, max_value=100, required=False)
    age_max = forms.IntegerField(label=_("Age to"), min_value=18, max_value=100, required=False)
    gender_preference = forms.ChoiceField(label=_("Who"), required=False)
    non_negotiables = forms.MultipleChoiceField(
        label=_("Deal-breakers"),
        choices=DealBreaker.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "move_in", [("", _("Any time")), *MoveIn.choices])
        offer(self, "gender_preference", [("", _("As in my profile")), *GenderPreference.choices])

    def filters(self) -> dict[str, Any]:
        """Before anything was asked, people of the reader's own city."""
        return self.cleaned_data if self.is_bound else {"city": self.initial["city"]}

    @property
    def is_narrowed(self) -> bool:
        return any(value not in (None, "", []) for value in self.filters().values())


# --- On the page of a listing ---------------------------------------------------------------------
class TagVoteForm(forms.Form):
    # Longer than a tag may be: separators at its ends go.
    tag = forms.CharField(max_length=2 * LONGEST, required=False)
    vote = forms.ChoiceField(choices=Vote.choices)
