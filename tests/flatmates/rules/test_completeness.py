from flatmates.models import Profile
from flatmates.rules.completeness import STEPS, completeness, missing_to_publish
from tests.flatmates.rules.test_compatibility import ANSWERS

WHOLE = ANSWERS | {
    "mode": "co_hunter",
    "city": "Kigali",
    "age": 27,
    "onboarding_completed": True,
    "budget_max": 300_000,
    "move_in_timeline": "now",
    "bio": "Quiet.",
}


def test_nothing_said_is_nought_and_everything_is_a_hundred():
    assert completeness(Profile(), has_photo=False).percent == 0
    whole = completeness(Profile(**WHOLE), has_photo=True)
    assert (whole.percent, whole.missing) == (100, [])


def test_what_is_needed_comes_first_and_each_leads_to_a_step():
    missing = completeness(Profile(), has_photo=False).missing
    assert [m.field for m in missing if m.is_required] == [m.field for m in missing[:4]]
    assert {m.step for m in missing} <= set(STEPS)
    assert all(str(m.reason) for m in missing)


def test_what_a_profile_is_not_shown_without():
    fields = [missing.field for missing in missing_to_publish(Profile())]
    assert fields == ["mode", "city", "age", "onboarding_completed"]
    assert missing_to_publish(Profile(**WHOLE)) == []
