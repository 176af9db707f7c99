"""An age as peers read it: in steps, so that nobody's birthday year is known."""

from typing import Final

BUCKETS: Final = ((18, 24), (25, 30), (31, 35), (36, 40), (41, 45))
OLDEST: Final = 46


def age_bucket(age: int | None) -> str:
    """ "25-30" or "46+"; empty where no age is given."""
    if age is None:
        return ""
    for first, last in BUCKETS:
        if age <= last:
            return f"{first}-{last}"
    return f"{OLDEST}+"
