"""What people write about themselves and to each other, by the rules of wording."""

from typing import NamedTuple

from moderation.rules.scoring import severity_of
from moderation.rules.text import wording_reasons
from moderation.services.facts import detection_limits


class Wording(NamedTuple):
    """`codes` of what was found; flagged: a moderator should read it; severe: it is not sent."""

    codes: tuple[str, ...]
    is_flagged: bool
    is_severe: bool


def check_wording(text: str) -> Wording:
    """Of a bio or a first message."""
    limits = detection_limits()
    reasons = wording_reasons(text, limits)
    is_severe = any(severity_of(reason, limits) == "high" for reason in reasons)
    return Wording(tuple(reason.code for reason in reasons), bool(reasons), is_severe)
