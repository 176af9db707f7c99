# ruff: noqa: RUF001 -- look-alike letters are what is tested
from hypothesis import given
from hypothesis import strategies as st
import pytest

from ghar.lib import text

REGIONS = ("IN", "RW")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("3BHK, Apt. 4-B; MG Rd! 🏠", "3 bedroom apartment 4 b mg road"),
        ("  SUNNY   room\u200b \uff0d ＦＬＡＴ ", "sunny room flat"),
        ("Аpartment ΡΑΡ", "apartment pap"),
        ("Élégant à Kigali", "elegant a kigali"),
        ("हिंदी में किराया २५०००", "हिंदी में किराया 25000"),
    ],
)
def test_normal_form_keeps_words_and_numbers(written, normal):
    assert text.normalise(written, abbreviations=True) == normal


def test_abbreviations_stay_unless_asked_for():
    assert text.normalise("MG Rd.") == "mg rd"


@given(st.text())
def test_normalising_twice_changes_nothing(written):
    once = text.normalise(written)
    assert text.normalise(once) == once


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("c.a.s 1 n 0", "casino"),
        ("b3tt!ng t1ps!", "betting tips"),
        ("2bhk for 25000", "2 bhk for 25000"),
        ("a b in 3 4 5", "a b in 3 4 5"),
        ("गां जा नहीं", "गां जा नहीं"),
    ],
)
def test_disguised_words_are_read(written, read):
    assert text.unmask(written) == read


def test_only_words_of_two_alphabets_are_mixed():
    assert text.mixed_script_words("Nice Аpartment in Москва, नई दिल्ली") == ["Аpartment"]


@pytest.mark.parametrize(
    "written",
    [
        "call 98765 43210 now",
        "+91-98765-43210",
        "9 8 7 6-5.4.3 2 1 0",
        "98765432IO",
        "nine eight seven six five four three two one zero",
        "nine eight seven 6 five four three 2 1 oh",
        "नौ आठ सात छह पांच चार तीन दो एक शून्य",
        "९८७६५४३२१०",
        "９８７６５４３２１０",
    ],
)
def test_a_phone_is_found_however_it_is_written(written):
    assert text.find_phones(written, REGIONS) == ["+919876543210"]


def test_double_digits_are_read():
    assert text.find_phones("double nine eight seven six five 4 3 2 1", REGIONS) == [
        "+919987654321"
    ]


def test_numbers_of_both_markets_are_found_once():
    written = "0788 123 456 or +250 788 123 456 / 98765 43210"
    assert text.find_phones(written, REGIONS) == ["+250788123456", "+919876543210"]


@pytest.mark.parametrize(
    "written",
    [
        "rent 25,000 deposit 50,000 area 1200",
        "Gurugram 122001, sector 56, 2 bhk, 1200 sqft",
        "2024-10-12 10:30",
        "one room, two beds, do not smoke",
        "price 12,34,567",
    ],
)
def test_amounts_dates_and_counts_are_no_phones(written):
    assert text.find_phones(written, REGIONS) == []


def test_emails_are_found_in_disguise():
    written = (
        "me@x.com, rahul (at) gmail dot com, asha at gmail. Look at homes.example, flat @ 15000"
    )
    assert text.find_emails(written) == ["me@x.com", "rahul (at) gmail dot com", "asha at gmail"]


def test_payment_handles_are_no_emails_and_not_every_at_sign():
    written = "pay rahul@okaxis or 98765@ybl, 2bhk@dlf, me@upi.com"
    assert text.find_upi_handles(written) == ["rahul@okaxis", "98765@ybl"]


@given(st.text(max_size=200))
def test_any_text_can_be_searched(written):
    text.unmask(written)
    text.mixed_script_words(written)
    text.find_phones(written, REGIONS)
    text.find_emails(written)
    text.find_upi_handles(written)
