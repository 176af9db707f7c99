from io import StringIO
import json

from django.core.management import CommandError, call_command
import pytest

from moderation.management.photo_edits import EDITS
from tests.moderation.rules.drawn import room


@pytest.fixture
def photos(tmp_path):
    """Two houses, and something that is no photo."""
    for name, seed in (("001_a", 1), ("001_b", 2), ("002_a", 3)):
        room(seed, (300, 220)).save(tmp_path / f"{name}.jpg")
    (tmp_path / "houses.csv").write_text("house\n1\n")
    return tmp_path


def test_it_measures_and_writes_what_it_found(photos):
    out, target = StringIO(), photos / "result.json"
    call_command("evaluate_detection", photos=photos, json=target, stdout=out)
    result = json.loads(target.read_text())
    assert set(result) == {
        "recall",
        "false_hold_share",
        "listing_recall",
        "one_of_four_recall",
        "ms_per_photo",
    }
    assert set(result["recall"]) == set(EDITS)
    assert result["recall"]["jpeg_q60"] == result["recall"]["mirror"] == 1
    assert result["false_hold_share"] == 0
    assert "recall mirror" in out.getvalue()


@pytest.mark.parametrize(
    ("houses", "message"), [("7-9", "No photos"), ("some", "--houses is a range")]
)
def test_it_says_what_is_wrong_with_the_folder_or_the_range(photos, houses, message):
    with pytest.raises(CommandError, match=message):
        call_command("evaluate_detection", photos=photos, houses=houses)
