import pytest

from flatmates.rules.age import age_bucket


@pytest.mark.parametrize(
    ("age", "bucket"),
    [
        *((18, "18-24"), (24, "18-24"), (25, "25-30"), (30, "25-30"), (31, "31-35"), (35, "31-35")),
        *((36, "36-40"), (40, "36-40"), (41, "41-45"), (45, "41-45"), (46, "46+"), (100, "46+")),
        (None, ""),
    ],
)
def test_peers_read_a_range(age, bucket):
    assert age_bucket(age) == bucket
