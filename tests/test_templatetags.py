import datetime as dt

from django import forms
from django.template import Context, Template
from django.test import RequestFactory
import pytest
import time_machine

from ghar.properties.states import ListingStatus, MediaStatus
from ghar.templatetags.ghar_format import TONES, initials, money, relative_time, status_tone
from ghar.templatetags.ghar_ui import icon
from moderation.states import CaseStatus
from viewings.states import OptionStatus, ViewingStatus

ELEVEN_IN_KIGALI = dt.datetime(2025, 11, 22, 9, 0, tzinfo=dt.UTC)


class Reader:
    def __init__(self, timezone):
        self.timezone = timezone


class RoomForm(forms.Form):
    title = forms.CharField(help_text="Say what it is.")
    pets = forms.BooleanField(required=False)
    wants = forms.MultipleChoiceField(
        choices=[("wifi", "Wi-Fi"), ("lift", "Lift")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean(self):
        if self.data.get("pets"):
            raise forms.ValidationError("No pets here.")


def draw(source, **context):
    """The template without the white space between its tags."""
    text = Template("{% load ghar_ui ghar_format %}" + source).render(Context(context))
    return " ".join(text.split())


def test_an_unknown_price_is_a_dash():
    assert money(None, "INR") == "\u2013"


def test_a_price_is_money_of_its_currency():
    assert money(1850000, "INR") == "₹18,500"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Asha Rao", "AR"), ("Jean de Dieu Habimana", "JH"), ("Asha", "A"), ("", "")],
)
def test_initials_are_of_the_first_and_the_last_name(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize("states", [ListingStatus, MediaStatus, ViewingStatus, OptionStatus])
def test_every_status_that_people_see_has_a_tone(states):
    assert set(states.values) <= set(TONES)


def test_a_status_without_a_tone_is_shown_without_colour():
    assert status_tone(CaseStatus.OPEN) == ""
    assert draw('{% pill "open" "Open" %}') == '<span class="pill">Open</span>'


def test_a_pill_carries_the_word_and_the_tone():
    assert draw('{% pill "live" "Live" %}') == '<span class="pill pill--live">Live</span>'


@time_machine.travel(ELEVEN_IN_KIGALI, tick=False)
def test_a_time_is_said_in_the_zone_of_the_place():
    assert draw(
        '{% when start "Africa/Kigali" until=end %}',
        start=ELEVEN_IN_KIGALI,
        end=ELEVEN_IN_KIGALI + dt.timedelta(minutes=30),
    ) == (
        '<span class="when"><time datetime="2025-11-22T09:00:00+00:00">'
        "Sat 22 Nov, 11:00\u201311:30</time>"
        ' <span class="when__zone">Rwanda Time</span></span>'
    )


@time_machine.travel(ELEVEN_IN_KIGALI, tick=False)
def test_a_reader_elsewhere_reads_the_time_in_their_zone_too():
    drawn = draw(
        '{% when start "Africa/Kigali" %}', start=ELEVEN_IN_KIGALI, user=Reader("Asia/Kolkata")
    )

    assert drawn.endswith(
        '<span class="when__reader">Sat 22 Nov, 14:30 (India Time) for you</span></span>'
    )


@time_machine.travel(ELEVEN_IN_KIGALI, tick=False)
def test_a_reader_whose_clock_agrees_reads_the_time_once():
    # Maputo and Kigali show the same hour.
    drawn = draw(
        '{% when start "Africa/Kigali" %}', start=ELEVEN_IN_KIGALI, user=Reader("Africa/Maputo")
    )

    assert "when__reader" not in drawn


@time_machine.travel(ELEVEN_IN_KIGALI + dt.timedelta(days=400), tick=False)
def test_a_time_of_another_year_says_its_year():
    assert "Sat 22 Nov 2025, 11:00" in draw(
        '{% when start "Africa/Kigali" %}', start=ELEVEN_IN_KIGALI
    )


@pytest.mark.django_db
@time_machine.travel(ELEVEN_IN_KIGALI, tick=False)
def test_relative_times_look_back_and_ahead():
    assert relative_time(ELEVEN_IN_KIGALI - dt.timedelta(hours=2)) == "2 hours ago"
    assert relative_time(ELEVEN_IN_KIGALI + dt.timedelta(days=3)) == "in 3 days"
    assert relative_time(None) == ""


def test_an_icon_is_silent_unless_it_has_words():
    assert 'aria-hidden="true"' in icon("bell")
    assert 'role="img" aria-label="2 &lt;new&gt;"' in icon("bell", "2 <new>")


@pytest.mark.parametrize(
    ("here", "is_current"), [("/viewings/", True), ("/viewings/1/", True), ("/rooms/", False)]
)
def test_a_link_is_current_on_its_pages(here, is_current):
    request = RequestFactory().get(here)
    drawn = draw('{% nav_link "/viewings/" "calendar" "Viewings" "site-nav" %}', request=request)

    assert ('aria-current="page"' in drawn) is is_current


def test_the_link_to_the_first_page_is_current_there_alone():
    request = RequestFactory().get("/rooms/")

    assert "aria-current" not in draw(
        '{% nav_link "/" "home" "Home" "bottom-nav" %}', request=request
    )


def test_a_field_ties_its_hint_and_error_to_the_control():
    drawn = draw("{% field form.title %}", form=RoomForm({"title": ""}))

    assert '<label class="field__label" for="id_title">Title</label>' in drawn
    assert 'id="id_title_helptext">Say what it is.' in drawn
    assert 'id="id_title_error"' in drawn
    assert 'aria-describedby="id_title_helptext id_title_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_further_arguments_of_a_field_become_attributes():
    drawn = draw('{% field form.title inputmode="numeric" data_count="1" %}', form=RoomForm())

    assert 'inputmode="numeric"' in drawn
    assert 'data-count="1"' in drawn


def test_several_choices_are_chips_in_a_group():
    drawn = draw("{% field form.wants %}", form=RoomForm())

    assert drawn.startswith('<fieldset class="field" id="id_wants"')
    assert drawn.count('<label class="chip">') == 2


def test_filters_do_not_say_that_they_are_optional():
    assert "(optional)" in draw("{% field form.wants %}", form=RoomForm())
    assert "(optional)" not in draw("{% field form.wants mark_optional=False %}", form=RoomForm())


def test_the_error_summary_links_each_message_to_its_field():
    drawn = draw("{% error_summary form %}", form=RoomForm({"title": "", "pets": "on"}))

    assert 'role="alert" tabindex="-1" autofocus' in drawn
    assert "<li>No pets here.</li>" in drawn
    assert '<a href="#id_title">Title: This field is required.</a>' in drawn


def test_a_form_without_errors_has_no_summary():
    assert draw("{% error_summary form %}", form=RoomForm({"title": "Room"})) == ""
