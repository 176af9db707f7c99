"""The prescreen of rooms to share, from submit to what the moderator and the poster read."""

import pytest

from ghar import flags
from ghar.models import Flag
from ghar.properties.services.listings import create_listing, edit_listing
from moderation.models import Case, ListingCheck, RiskScore
from moderation.services.decisions import override_risk
from moderation.services.wording import Wording, check_wording
from tests.moderation.listings import add_ready_photo, make_listing, submitted
from tests.moderation.pictures import draw, resaved

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
ROOM = {
    "property_type": "flatmate",
    "society": "Garden Court",
    "sharing_type": "private_room",
    "gender_preference": "any",
}


def status_of(listing) -> str:
    listing.refresh_from_db()
    return listing.status


def codes_of(listing) -> list[str]:
    return [reason["code"] for reason in RiskScore.objects.get(listing=listing).reasons]


def points_of(listing) -> dict[str, bool]:
    summary = RiskScore.objects.get(listing=listing).summary
    return {point["code"]: point["satisfied"] for point in summary}


@pytest.fixture
def sent_in(poster, on_commit):
    def send(**facts):
        with on_commit():
            return submitted(poster, **(ROOM | facts))

    return send


@pytest.fixture
def prescreen(api, admin):
    def run(listing):
        return api(admin).post(f"{V1}/flatmates/moderation/prescreen/{listing.pk}")

    return run


@pytest.mark.parametrize("kind", ["flatmate", "pg"])
def test_a_full_room_goes_on_to_review(sent_in, kind):
    listing = sent_in(property_type=kind)
    assert (status_of(listing), codes_of(listing)) == ("pending_review", [])


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"description": "Ganja available all day."}, ["ILLEGAL_SUBSTANCES"]),
        ({"amenities": ["call girls"]}, ["ADULT_CONTENT"]),
        ({"price_amount": 15_000_000}, ["SUSPICIOUS_PRICING"]),
        ({"price_amount": 3_461_539, "rent_period": "week"}, ["SUSPICIOUS_PRICING"]),
        ({"pictures": [draw(41)]}, ["MISSING_PHOTOS"]),
        ({"pictures": [draw(41), draw(41)]}, ["MISSING_PHOTOS"]),
        ({"pictures": [draw(41), resaved(draw(41))]}, ["MISSING_PHOTOS"]),
    ],
)
def test_a_high_flag_holds_with_a_checklist(sent_in, facts, codes):
    listing = sent_in(**facts)
    assert (status_of(listing), codes_of(listing)) == ("hold_for_review", codes)
    assert list(points_of(listing).values()) == [False]


def test_warnings_go_to_review_with_their_flags_shown_to_the_moderator(sent_in):
    listing = sent_in(
        society="", sharing_type="", description="Online casino. WhatsApp me at 0788 123 456."
    )
    case = Case.objects.open().get(listing=listing)
    assert (status_of(listing), case.kind) == ("pending_review", "review")
    assert sorted(case.reasons) == [
        *("COMMERCIAL_SPAM", "CONTACT_IN_TEXT", "MISSING_KEY_FIELD", "OFF_PLATFORM_SPAM"),
    ]


def test_the_same_room_as_another_type_is_left_alone(sent_in):
    facts = {"property_type": "apartment", "society": "", "sharing_type": ""}
    one_photo = sent_in(**facts, pictures=[draw(42)])
    assert (status_of(one_photo), codes_of(one_photo)) == ("pending_review", ["MISSING_PHOTOS"])


def test_cleaning_the_text_clears_the_flag(sent_in, poster, on_commit):
    listing = sent_in(description="Cocaine delivered to the room, call 0788 123 456.")
    assert status_of(listing) == "hold_for_review"
    with on_commit():
        edit_listing(listing=listing, by=poster, description="Morning light and a quiet yard.")
    assert (status_of(listing), codes_of(listing)) == ("pending_review", [])
    assert points_of(listing) == {"TEXT_NEEDS_EDIT": True, "TEXT_CONTACT_IN_DESCRIPTION": True}


def test_a_second_picture_clears_the_hold(sent_in, prescreen):
    listing = sent_in(pictures=[draw(43)])
    assert status_of(listing) == "hold_for_review"
    add_ready_photo(listing, draw(44))
    answer = prescreen(listing).json()
    assert (answer["decision"], answer["flags"]) == ("pending_review", [])


def test_an_edit_of_a_room_in_review_is_decided_again(sent_in, poster, on_commit):
    listing = sent_in()
    with on_commit():
        edit_listing(listing=listing, by=poster, title="Weed for sale")
    assert status_of(listing) == "hold_for_review"


def test_with_the_flag_off_nothing_is_held(sent_in, prescreen):
    Flag.objects.create(name=flags.RISK_SCORING, is_on=False)
    flags.forget()
    listing = sent_in(description="Cocaine")
    assert status_of(listing) == "pending_review"
    answer = prescreen(listing).json()
    assert (answer["decision"], [flag["code"] for flag in answer["flags"]]) == (
        "pending_review",
        ["ILLEGAL_SUBSTANCES"],
    )


# --- on a draft
def test_a_draft_only_gets_its_checklist(api, poster, prescreen):
    listing = make_listing(poster, **(ROOM | {"description": "Cocaine", "society": ""}))
    answer = prescreen(listing).json()
    assert (answer["decision"], status_of(listing)) == ("draft", "draft")
    assert [(flag["code"], flag["severity"]) for flag in answer["flags"]] == [
        ("ILLEGAL_SUBSTANCES", "high"),
        ("MISSING_KEY_FIELD", "warning"),
    ]
    preview = api(poster).post(f"{V1}/properties/{listing.pk}/risk/preview").json()
    assert [point["code"] for point in preview["checklist"]] == [
        "TEXT_NEEDS_EDIT",
        "DETAILS_INCONSISTENT",
    ]
    assert not RiskScore.objects.filter(listing=listing).exists()
    assert not ListingCheck.objects.filter(listing=listing).exists()


def test_an_empty_draft_is_told_all_that_is_missing(poster, prescreen):
    listing = create_listing(by=poster, property_type="pg", purpose="rent")
    answer = prescreen(listing).json()
    found = [flag["code"] for flag in answer["flags"]]
    assert found == [
        *("MISSING_PHOTOS", "SUSPICIOUS_PRICING", "THIN_LISTING"),
        *["MISSING_KEY_FIELD"] * 9,
    ]
    assert answer["decision"] == "draft"


# --- the route
def test_the_prescreen_answers_flags_decision_and_checklist(sent_in, prescreen):
    listing = sent_in(description="Cocaine", society="")
    answer = prescreen(listing)
    assert answer.status_code == 200
    assert set(answer.json()) == {"flags", "decision", "checklist"}
    assert answer.json()["decision"] == "hold_for_review"
    assert answer.json()["flags"][1] == {
        "code": "MISSING_KEY_FIELD",
        "severity": "warning",
        "message": "Not filled in: society.",
        "evidence": {"missing": ["society"]},
    }
    assert [point["code"] for point in answer.json()["checklist"]] == [
        "TEXT_NEEDS_EDIT",
        "DETAILS_INCONSISTENT",
    ]


def test_the_prescreen_really_runs(sent_in, prescreen, poster):
    """What was edited behind the back of the check is decided by the answer."""
    listing = sent_in()
    type(listing).objects.filter(pk=listing.pk).update(description="Call girls")
    assert prescreen(listing).json()["decision"] == "hold_for_review"
    assert status_of(listing) == "hold_for_review"
    assert ListingCheck.objects.finished().filter(listing=listing).count() == 2


def test_the_prescreen_serves_every_type_by_its_own_rules(poster, prescreen, on_commit):
    with on_commit():
        listing = submitted(poster, pictures=[draw(45)])
    answer = prescreen(listing).json()
    assert answer["decision"] == "pending_review"
    assert [(f["code"], f["severity"]) for f in answer["flags"]] == [("MISSING_PHOTOS", "warning")]


def test_a_moderators_word_on_this_version_stands(sent_in, prescreen, admin):
    listing = sent_in(description="Cocaine is what this room is not about.")
    override_risk(listing=listing, decision="allow", notes="", version=None, by=admin)
    answer = prescreen(listing).json()
    assert answer["decision"] == "pending_review"
    assert [flag["code"] for flag in answer["flags"]] == ["ILLEGAL_SUBSTANCES"]


def test_only_staff_run_it(api, sent_in, poster, outsider, agent):
    listing = sent_in()
    path = f"{V1}/flatmates/moderation/prescreen/{listing.pk}"
    answers = [api(who).post(path).status_code for who in (None, poster, outsider, agent)]
    assert answers == [401, 403, 403, 403]


def test_an_unknown_listing_is_not_found(api, admin):
    nowhere = "01890000-0000-7000-8000-000000000000"
    assert api(admin).post(f"{V1}/flatmates/moderation/prescreen/{nowhere}").status_code == 404


# --- bios and first messages
@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("I am a crypto engineer and like quiet evenings.", Wording((), False, False)),
        ("", Wording((), False, False)),
        ("WhatsApp me", Wording(("OFF_PLATFORM_SPAM",), True, False)),
        ("Cocaine, call 98765 43210", Wording(("ILLEGAL_SUBSTANCES", "CONTACT_IN_TEXT"), True, True)),
    ],
)  # fmt: skip
def test_wording_of_a_bio(text, wording):
    assert check_wording(text) == wording
