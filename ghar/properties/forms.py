"""The builder in steps, the photo forms and the search, in the units in which people think."""

from decimal import Decimal
import re
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ghar.lib.formats import SQUARE_METRES, to_square_feet, to_square_metres
from ghar.lib.money import to_major, to_minor
from ghar.lib.widgets import TextArea
from ghar.properties.models import AREA, NAME_LENGTH, NOTE_LENGTH, Property, PropertyMedia
from ghar.properties.rules import area_unit_of, market_of
from ghar.properties.states import (
    ROOM_TYPES,
    AlertFrequency,
    Amenity,
    Cost,
    Currency,
    Furnishing,
    GenderPreference,
    MediaCategory,
    PropertyType,
    Purpose,
    RentPeriod,
    SharingType,
)

ANY: Final[list[tuple[str, Any]]] = [("", _("Any"))]
# What is asked of a room in a home with others in it, and of no whole home.
OF_ROOMS: Final = (
    *("sharing_type", "has_own_bathroom", "lives_here", "occupants", "flatmates_wanted"),
    "gender_preference",
)
NOT_SAID: Final[list[tuple[str, Any]]] = [("", _("Not said"))]


def offer(form: forms.BaseForm, name: str, choices: Any) -> None:
    """Let the field `name` offer these choices."""
    field: Any = form.fields[name]
    field.choices = choices


class PlaceForm(forms.ModelForm):
    """What it is and where. The address stays between the poster, us and confirmed visitors."""

    class Meta:
        model = Property
        fields = ("property_type", "purpose", "city", "locality", "society", "address", "unit")
        widgets = {
            "property_type": forms.Select,
            "purpose": forms.RadioSelect,
            "city": forms.TextInput(attrs={"list": "cities", "autocomplete": "address-level2"}),
            "locality": forms.TextInput(attrs={"list": "localities"}),
        }
        help_texts = {
            "locality": _("The part of town: Kimihurura, Indiranagar, Sector 45."),
            "address": _(
                "Never shown in public. A landmark is fine where streets have no numbers."
            ),
            "unit": _("Never shown in public."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "property_type", [("", _("Please choose")), *PropertyType.choices])
        by_frequency = (Purpose.RENT, Purpose.SHORT_STAY, Purpose.BUY)
        offer(self, "purpose", [(each, each.label) for each in by_frequency])
        self.fields["city"].required = True


class DetailsForm(forms.ModelForm):
    amenities = forms.MultipleChoiceField(
        label=_("Amenities"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Property
        fields = (
            *("bedrooms", "bathrooms", "area_sqft", "furnishing", *OF_ROOMS),
            *("available_from", "amenities"),
        )
        help_texts = {
            "gender_preference": _("Only for rooms in a home that people share."),
            "flatmates_wanted": _("How many places are still free."),
        }
        widgets = {"available_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(word, word) for word in self.instance.amenities if word not in Amenity.values]
        offer(self, "amenities", [*Amenity.choices, *own])
        offer(self, "furnishing", [*NOT_SAID, *Furnishing.choices])
        self.is_metric = area_unit_of(self.instance) == SQUARE_METRES
        if self.is_metric:
            self.fields["area_sqft"].label = _("Area in square metres")
            self.fields["area_sqft"].validators += [
                type(limit)(to_square_metres(limit.limit_value)) for limit in AREA
            ]
            if self.instance.area_sqft:
                self.initial["area_sqft"] = to_square_metres(self.instance.area_sqft)
        if self.instance.property_type not in ROOM_TYPES:
            for name in OF_ROOMS:
                del self.fields[name]
            return
        self.fields["area_sqft"].label = (
            _("Size of the room in square metres")
            if self.is_metric
            else _("Size of the room in square feet")
        )
        offer(self, "sharing_type", [*NOT_SAID, *SharingType.choices])
        offer(self, "gender_preference", [*NOT_SAID, *GenderPreference.choices])

    def clean_area_sqft(self) -> int | None:
        """Kept in square feet, to the foot as long as nobody changes it."""
        area: int | None = self.cleaned_data["area_sqft"]
        if not self.is_metric or not area:
            return area
        return to_square_feet(area) if "area_sqft" in self.changed_data else self.instance.area_sqft


# Each is asked in the money of the market and kept as `<name>_amount` in minor units.
MONEY: Final = ("price", "deposit", "extra_costs")


class PriceForm(forms.ModelForm):
    """Money in rupees and francs; the row holds minor units."""

    price = forms.DecimalField(label=_("Price"), min_value=Decimal("0.01"), max_value=10**12)
    deposit = forms.DecimalField(label=_("Deposit"), min_value=0, max_value=10**12, required=False)
    extra_costs = forms.DecimalField(
        label=_("Bills and maintenance a month"),
        min_value=0,
        max_value=10**12,
        required=False,
        help_text=_("What one pays beside the rent. 0 if the rent covers all of it."),
    )
    costs_included = forms.MultipleChoiceField(
        label=_("What rent and bills together pay for"),
        required=False,
        choices=Cost.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    contact_phone = forms.CharField(
        label=_("Contact phone"),
        max_length=30,
        required=False,
        help_text=_("Never shown in public. We use it to check that the place is yours."),
    )

    class Meta:
        model = Property
        fields = (
            *("currency", "rent_period", "costs_included", "viewing_confirmation"),
            "contact_phone",
        )
        widgets = {"viewing_confirmation": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listing: Property = self.instance
        self.fields["currency"].required = True
        offer(self, "rent_period", RentPeriod.choices)
        self.initial["currency"] = listing.currency or _usual_currency(
            city=listing.city, phone=listing.contact_phone
        )
        for name in MONEY:
            amount = getattr(listing, f"{name}_amount")
            if amount is not None and listing.currency:
                self.initial[name] = to_major(amount, listing.currency)
        if listing.purpose == Purpose.BUY:
            del self.fields["rent_period"], self.fields["deposit"]
        if listing.property_type not in ROOM_TYPES or listing.purpose == Purpose.BUY:
            del self.fields["extra_costs"], self.fields["costs_included"]

    def clean_contact_phone(self) -> str:
        """Without the spaces and dashes of handwriting; the service makes E.164 of it."""
        return re.sub(r"[^\d+]", "", self.cleaned_data["contact_phone"])[:16]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        currency = cleaned.get("currency")
        for name in [name for name in MONEY if name in self.fields]:
            amount = cleaned.pop(name, None)
            if currency and (amount is not None or name != "price"):
                cleaned[f"{name}_amount"] = None if amount is None else to_minor(amount, currency)
        if cleaned.get("price_amount") == 0:  # less than half a coin of this currency
            self.add_error("price", _("Please enter a price."))
        return cleaned


class TextForm(forms.ModelForm):
    class Meta:
        model = Property
        fields = ("title", "description")
        widgets = {"description": TextArea(attrs={"rows": 9, "data-count": "1"})}
        help_texts = {
            "title": _(
                "What you would say to a friend: “Sunny room with balcony near the market”."
            ),
            "description": _(
                "The room, the home, who lives there, what is near. No phone numbers."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = True


class PhotoUploadForm(forms.Form):
    """Only the shape of the form; each file is judged by add_photo."""

    category = forms.ChoiceField(
        label=_("These photos show"),
        choices=MediaCategory.choices,
        initial=MediaCategory.OTHER,
        required=False,
    )


class PhotoWordsForm(forms.ModelForm):
    class Meta:
        model = PropertyMedia
        fields = ("category", "alt")
        labels = {"alt": _("What one sees, for people who do not")}


class SearchForm(forms.Form):
    """The filters of /rooms/, as a GET form whose address can be shared."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    city = forms.CharField(
        label=_("City"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "cities"}),
    )
    property_type = forms.ChoiceField(
        label=_("Kind of place"), required=False, choices=[*ANY, *PropertyType.choices]
    )
    purpose = forms.ChoiceField(
        label=_("To rent or to buy"), required=False, choices=[*ANY, *Purpose.choices]
    )
    price_max = forms.DecimalField(
        label=_("Price up to"), required=False, min_value=0, max_value=10**12
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    bedrooms_min = forms.IntegerField(
        label=_("Bedrooms, at least"), required=False, min_value=0, max_value=50
    )
    move_in = forms.DateField(
        label=_("Move in by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("Newest first")),
            ("price", _("Cheapest first")),
            ("-price", _("Dearest first")),
        ],
    )

    def __init__(self, data: Any = None, *, usual_currency: str = "", **kwargs: Any) -> None:
        """`usual_currency` is the reader's; that of the city in `data` goes before it."""
        if data is not None and not data.get("currency"):
            data = data.copy()
            data["currency"] = _usual_currency(city=data.get("city", "")) or usual_currency
        super().__init__(data, initial={"currency": usual_currency}, **kwargs)
        unknown = [] if self["currency"].value() else [("", " / ".join(Currency.values))]
        offer(self, "currency", [*unknown, *Currency.choices])
        # What the price may mean, by currency, where it cannot mean what it says.
        self.prices_to_ask: dict[str, int] = {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        amount, currency = cleaned.get("price_max"), cleaned.get("currency")
        if amount is None:
            return cleaned
        if not currency:
            self.prices_to_ask = {each: to_minor(amount, each) for each in Currency.values}
            return cleaned | {"price_max": None}
        of_city = _usual_currency(city=cleaned.get("city", ""))
        if of_city and of_city != currency:
            self.prices_to_ask = {of_city: to_minor(amount, of_city)}
        return cleaned | {"price_max": to_minor(amount, currency)}

    def filters(self) -> dict[str, Any]:
        """What search_listings understands. A currency without a price asks for nothing."""
        wanted = dict(self.cleaned_data)
        kind = wanted.pop("property_type")
        if wanted["price_max"] is None:
            wanted["currency"] = ""
        return wanted | {"property_type": [kind] if kind else []}

    @property
    def is_narrowed(self) -> bool:
        return bool(self._chosen - {"sort"})

    @property
    def uses_more_filters(self) -> bool:
        """Whether a filter is in use that the page folds away."""
        return bool(self._chosen - {"q", "city", "property_type", "price_max", "sort"})

    @property
    def _chosen(self) -> set[str]:
        """The filters in use; the currency belongs to the price."""
        said = {name for name, value in self.cleaned_data.items() if value not in (None, "")}
        return said - {"currency"}


class SavedSearchForm(forms.Form):
    """What a saved search is called and when it is told; the filters stand in the address."""

    name = forms.CharField(label=_("Name"), required=False, max_length=NAME_LENGTH)
    frequency = forms.ChoiceField(
        label=_("Tell me what is new"),
        choices=AlertFrequency.choices,
        initial=AlertFrequency.DAILY,
    )


class NoteForm(forms.Form):
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)


def _usual_currency(*, city: str, phone: str = "") -> str:
    market = market_of(city=city, phone=phone)
    return str(settings.MARKETS[market]["currency"]) if market else ""
