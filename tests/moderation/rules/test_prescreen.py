# ruff: noqa: RUF001 -- look-alike letters are what is tested
"""The prescreen of rooms to share, without a database."""

from dataclasses import replace

import pytest

from moderation.rules.checklist import checklist_for
from moderation.rules.limits import DetectionSettings
from moderation.rules.prescreen import KEY_FIELDS, content_reasons, distinct_photos
from moderation.rules.safety import safety_flags
from moderation.rules.scoring import assess, severity_of
from moderation.rules.text import wording_reasons
from tests.moderation.rules.corpus import DISHONEST, HONEST
from tests.moderation.rules.drawn import FLAT

LIMITS = DetectionSettings()
CEILING = 100_000_000  # INR 1,000,000 in paise
ROOM = replace(
    FLAT,
    property_type="flatmate",
    sharing_type="private_room",
    gender_preference="any",
    photo_hashes=("0f0f0f0f0f0f0f0f", "3333333333333333"),
    photo_count=2,
)


def flags(limits=LIMITS, **changes) -> list[tuple[str, str]]:
    found = content_reasons(replace(ROOM, **changes), limits, ceiling=CEILING)
    return [(reason.code, severity_of(reason, limits)) for reason in found]


def status(**changes) -> str:
    found = content_reasons(replace(ROOM, **changes), LIMITS, ceiling=CEILING)
    return assess(found, LIMITS).status


def test_a_full_room_raises_no_flag():
    assert flags() == []


# --- photos
@pytest.mark.parametrize(
    ("hashes", "distinct"),
    [
        ((), 0),
        (("0f0f0f0f0f0f0f0f",), 1),
        (("0f0f0f0f0f0f0f0f", "0f0f0f0f0f0f0f0f"), 1),
        (("0f0f0f0f0f0f0f0f", "0f0f0f0f0f0f0f0c"), 1),
        (("0f0f0f0f0f0f0f0f", "3333333333333333"), 2),
        (("0f0f0f0f0f0f0f0f", "3333333333333333", "3333333333333333"), 2),
    ],
)
def test_fewer_than_two_distinct_photos_is_high(hashes, distinct):
    listing = replace(ROOM, photo_hashes=hashes, photo_count=len(hashes))
    assert distinct_photos(listing, LIMITS) == distinct
    expected = [("MISSING_PHOTOS", "high")] if distinct < 2 else []
    assert flags(photo_hashes=hashes, photo_count=len(hashes)) == expected


def test_a_photo_that_is_not_indexed_yet_counts():
    assert distinct_photos(replace(ROOM, photo_hashes=(), photo_count=2), LIMITS) == 2


# --- key fields
@pytest.mark.parametrize("name", KEY_FIELDS)
def test_each_missing_key_field_is_a_warning_that_names_it(name):
    empty = None if name in ("bedrooms", "bathrooms") else ""
    [reason] = content_reasons(replace(ROOM, **{name: empty}), LIMITS, ceiling=CEILING)
    assert (reason.code, severity_of(reason, LIMITS)) == ("MISSING_KEY_FIELD", "warning")
    assert reason.evidence == {"missing": [name]}


def test_blanks_are_missing_and_a_studio_has_no_bedroom():
    assert flags(society="  ") == [("MISSING_KEY_FIELD", "warning")]
    assert flags(bedrooms=0) == []


def test_all_key_fields_missing_hold_nothing():
    nothing = dict.fromkeys(KEY_FIELDS, "") | {"bedrooms": None, "bathrooms": None}
    assert flags(**nothing) == [("MISSING_KEY_FIELD", "warning")] * len(KEY_FIELDS)
    assert status(**nothing) == "ok"


# --- rent
@pytest.mark.parametrize(
    ("change", "is_suspicious"),
    [
        ({"price_amount": None}, True),
        ({"price_amount": 0}, True),
        ({"price_amount": -5}, True),
        ({"price_amount": CEILING - 1}, False),
        ({"price_amount": CEILING}, True),
        ({"price_amount": 23_000_000, "rent_period": "week"}, False),
        ({"price_amount": 23_076_923, "rent_period": "week"}, False),
        ({"price_amount": 23_076_924, "rent_period": "week"}, True),
    ],
)
def test_a_rent_missing_or_at_the_ceiling_is_high(change, is_suspicious):
    assert flags(**change) == ([("SUSPICIOUS_PRICING", "high")] if is_suspicious else [])


def test_an_unknown_currency_has_no_ceiling():
    listing = replace(ROOM, price_amount=10**14)
    assert content_reasons(listing, LIMITS, ceiling=None) == []


# --- where texts are read
@pytest.mark.parametrize(
    "change",
    [
        *({name: "ganja available"} for name in ("title", "description", "society", "locality")),
        *({name: "ganja available"} for name in ("city", "address", "unit")),
        {"amenities": ("wifi", "ganja available")},
        {"captions": ("", "ganja available")},
    ],
)
def test_every_text_of_a_room_is_read(change):
    assert flags(**change) == [("ILLEGAL_SUBSTANCES", "high")]


def test_two_texts_never_make_one_finding_between_them():
    between = {"title": "Room 98765", "description": "43210 is no number here. Women only"}
    assert flags(**between, locality="Jain Nagar", society="Hindu Colony") == []


# --- decisions
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"photo_hashes": (), "photo_count": 0}, "hold"),
        ({"price_amount": None}, "hold"),
        ({"description": "call girls"}, "hold"),
        ({"description": "cocaine"}, "hold"),
        ({"description": "earn money daily, whatsapp me, 98765 43210. No Muslims"}, "ok"),
        ({"society": "", "description": "online casino"}, "ok"),
    ],
)
def test_high_flags_hold_and_warnings_do_not(change, expected):
    assert status(**change) == expected


def test_a_high_flag_holds_whatever_the_numbers_are_tuned_to():
    tuned = DetectionSettings(wording_high_weight=20, high_from=90)
    found = content_reasons(replace(ROOM, description="cocaine"), tuned, ceiling=CEILING)
    assert assess(found, tuned).status == "hold"


def test_a_thin_room_keeps_the_rule_of_thin_listings():
    thin = {"address": "", "phone_hash": None, "photo_hashes": (), "photo_count": 0}
    assert {code for code, _ in flags(**thin)} == {"THIN_LISTING", "MISSING_PHOTOS"}


def test_a_held_room_tells_its_poster_what_to_do():
    found = content_reasons(
        replace(ROOM, photo_hashes=(), photo_count=0, society="", description="cocaine"),
        LIMITS,
        ceiling=CEILING,
    )
    assert [item.code for item in checklist_for(found, LIMITS)] == [
        "PHOTO_TOO_FEW",
        "TEXT_NEEDS_EDIT",
        "DETAILS_INCONSISTENT",
    ]


@pytest.mark.parametrize("kind", ["apartment", "room", "house", "office"])
def test_other_types_keep_their_own_rules(kind):
    one_photo = {"photo_hashes": ("0f0f0f0f0f0f0f0f",), "photo_count": 1}
    bare = {"society": "", "sharing_type": "", "price_amount": None}
    assert flags(property_type=kind, **bare) == []
    assert flags(property_type=kind, **one_photo) == [("MISSING_PHOTOS", "warning")]
    assert flags(property_type=kind, amenities=("casino",)) == []


# --- wording, honest and not
@pytest.mark.parametrize("sentence", HONEST)
def test_an_honest_sentence_is_clean(sentence):
    assert [reason.code for reason in wording_reasons(sentence, LIMITS)] == []


@pytest.mark.parametrize(("sentence", "code"), DISHONEST)
def test_a_dishonest_sentence_is_found(sentence, code):
    assert code in [reason.code for reason in wording_reasons(sentence, LIMITS)]


def test_the_corpus_is_large_and_speaks_all_families():
    assert min(len(set(HONEST)), len({sentence for sentence, _ in DISHONEST})) >= 60
    assert len({code for _, code in DISHONEST}) == 6


def test_honest_sentences_stay_clean_together_and_dishonest_ones_stay_found():
    everything_honest = "\n".join(HONEST)
    assert wording_reasons(everything_honest, LIMITS) == []
    hidden = [code for text, code in DISHONEST if code not in _codes(f"{HONEST[7]}\n{text}")]
    assert hidden == []


def _codes(text: str) -> list[str]:
    return [reason.code for reason in wording_reasons(text, LIMITS)]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("ADULT_CONTENT", "high"),
        ("ILLEGAL_SUBSTANCES", "high"),
        ("COMMERCIAL_SPAM", "warning"),
        ("OFF_PLATFORM_SPAM", "warning"),
        ("CONTACT_IN_TEXT", "warning"),
        ("DISCRIMINATORY_TEXT", "warning"),
    ],
)
def test_each_family_has_its_severity(code, severity):
    text = next(sentence for sentence, family in DISHONEST if family == code)
    found = {reason.code: severity_of(reason, LIMITS) for reason in wording_reasons(text, LIMITS)}
    assert found[code] == severity


# --- notes beside messages
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://example.test/room", ("link",)),
        ("look at www.rooms.example", ("link",)),
        ("bit.ly/3xyz", ("link",)),
        ("rooms-kigali.com has more", ("link",)),
        ("rooms dot com", ("link",)),
        ("my number is 98765 43210", ("phone",)),
        ("+250 788 123 456", ("phone",)),
        ("nine eight seven six five four three two one zero", ("phone",)),
        ("double nine eight seven six five 4 3 2 1", ("phone",)),
        ("नौ आठ सात छह पांच चार तीन दो एक शून्य", ("phone",)),
        ("zéro sept huit huit un deux trois quatre cinq six", ("phone",)),
        ("zeru karindwi umunani umunani rimwe kabiri gatatu kane gatanu gatandatu", ("phone",)),
        ("Please pay the deposit first", ("payment",)),
        ("deposit before the visit", ("payment",)),
        ("send it by Western Union", ("payment",)),
        ("buy me a gift card", ("payment",)),
        ("rahul@okaxis", ("payment",)),
        ("my UPI ID is on the photo", ("payment",)),
        ("wеstеrn uniоn", ("payment",)),
        ("Versez la caution avant la visite", ("payment",)),
        ("Banza wishyure, nkwereke icyumba", ("payment",)),
        ("पहले एडवांस भेजो", ("payment",)),
        ("Pay first, then call 9876543210 or wa.me/919876543210", ("link", "phone", "payment")),
    ],
)
def test_a_message_is_noted_for_what_it_asks(text, expected):
    assert safety_flags(text) == expected


@pytest.mark.parametrize("sentence", [*HONEST, "Hello!I am free at 6.30 p.m.See you", ""])
def test_an_honest_message_has_no_note(sentence):
    assert safety_flags(sentence) == ()


def test_cleaned_text_has_no_flag():
    dirty = "Bright room. Ganja available, call 98765 43210"
    assert flags(description=dirty) == [
        ("ILLEGAL_SUBSTANCES", "high"),
        ("CONTACT_IN_TEXT", "warning"),
    ]
    assert flags(description="Bright room.") == []
