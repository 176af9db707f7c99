# ruff: noqa: RUF001 -- look-alike letters are what is tested
import pytest

from moderation.rules.limits import DetectionSettings
from moderation.rules.scoring import assess
from moderation.rules.text import text_reasons, wording_reasons
from tests.moderation.rules.drawn import FLAT, other

LIMITS = DetectionSettings()


def codes(text: str) -> list[str]:
    return [reason.code for reason in wording_reasons(text, LIMITS)]


def test_an_ordinary_description_is_clean():
    assert text_reasons(FLAT, LIMITS) == []


@pytest.mark.parametrize(
    "text",
    [
        "No betting allowed, and no drugs or weed for sale here.",
        "Drugs party strictly prohibited. Smoking not allowed.",
        "I am a crypto engineer, my flatmate works in a bank.",
        "The lake is a signal for ducks. Work from home desk, fast internet.",
        "Escalator, massage chair in the gym.",
    ],
)
def test_context_makes_a_word_clean(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Call girls available nearby", "ADULT_CONTENT"),
        ("Rent in exchange for sex", "ADULT_CONTENT"),
        ("Ganja at the door", "ILLEGAL_SUBSTANCES"),
        ("drugs available", "ILLEGAL_SUBSTANCES"),
        ("Online casino, betting tips", "COMMERCIAL_SPAM"),
        ("c.a.s.i.n.o next door", "COMMERCIAL_SPAM"),
        ("Earn money daily, b3tt!ng t1ps", "COMMERCIAL_SPAM"),
        ("саsinо", "COMMERCIAL_SPAM"),
        ("WhatsApp me for details", "OFF_PLATFORM_SPAM"),
        ("send the deposit before viewing by Western Union", "OFF_PLATFORM_SPAM"),
        ("98765 43210", "CONTACT_IN_TEXT"),
        ("nine eight seven six five four three two one zero", "CONTACT_IN_TEXT"),
        ("rahul (at) gmail dot com", "CONTACT_IN_TEXT"),
        ("token to rahul@okaxis", "CONTACT_IN_TEXT"),
        ("Nice Аpartment", "SPAM_TEXT"),
    ],
)
def test_each_family_is_found(text, code):
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "No Muslims please",
        "Hindu family only",
        "Only for Brahmins",
        "Christians not allowed",
        "no N0rtheasterns",
        "केवल हिंदू परिवार",
        "मुस्लिम नहीं",
        "दलितों को नहीं",
        "Pas de musulmans",
        "Chrétiens uniquement",
        "Abakristo gusa",
        "Nta bayisilamu",
    ],
)
def test_choosing_tenants_by_who_they_are_is_found_in_four_languages(text):
    assert codes(text) == ["DISCRIMINATORY_TEXT"]


@pytest.mark.parametrize(
    "text",
    [
        "We are a Muslim family with a spare room",
        "Near the Hindu temple, only 2 minutes on foot. A Christian school next door",
        "Only Jain food in the kitchen. Indian style toilet",
        "All castes and religions are welcome",
        "हम हिंदू परिवार हैं, पास में मस्जिद है",
        "Famille chrétienne, près de la mosquée",
        "Umuryango w'abakristo hafi y'umusigiti",
        "Vegetarians only. Women only. No pets",
    ],
)
def test_identity_words_alone_never_flag(text):
    assert codes(text) == []


def test_what_was_found_is_named_for_the_moderator():
    [reason] = wording_reasons("Hindu family only", LIMITS)
    assert reason.evidence["found"] == ["hindu family only"]
    assert reason.message == "Chooses tenants by who they are: hindu family only."


def test_warnings_alone_stay_low_and_crimes_are_high():
    warnings = wording_reasons(
        "Earn money daily, whatsapp me at 98765 43210. No Muslims. Аpt", LIMITS
    )
    assert len(warnings) == 5
    assert assess(warnings, LIMITS).status == "ok"
    assert assess(wording_reasons("cocaine", LIMITS), LIMITS).status == "hold"


def test_titles_places_and_tags_are_read_too():
    assert text_reasons(other(2, title="Casino"), LIMITS)
    assert text_reasons(other(2, society="Call 98765 43210"), LIMITS)
    assert text_reasons(FLAT, LIMITS, other_texts=["whatsapp me"])


def test_cleaning_the_text_clears_the_reason():
    assert codes("Bright room, 98765 43210") == ["CONTACT_IN_TEXT"]
    assert codes("Bright room") == []
