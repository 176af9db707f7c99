"""Twelve questions, three for two people, the same three for both."""

import random
from typing import Final
import uuid

from django.utils.translation import gettext_lazy as _

ASKED: Final = 3
ICEBREAKERS: Final = {
    "perfect_sunday": _("What does a perfect Sunday at home look like?"),
    "kitchen_at_nine": _("It is nine in the evening. What happens in the kitchen?"),
    "one_house_rule": _("If you could make one house rule, which would it be?"),
    "after_a_long_day": _("After a long day: company or quiet?"),
    "dishes": _("How long may a plate stand in the sink?"),
    "guests_tonight": _("A friend wants to stay tonight. What do you do?"),
    "loudest_thing": _("What is the loudest thing that you own?"),
    "shared_or_mine": _("What do you share gladly, and what is only yours?"),
    "bills": _("How do you like to split bills?"),
    "best_flatmate": _("What made your best flatmate the best?"),
    "when_annoyed": _("Something annoys you. How do you say it?"),
    "home_means": _("What makes a flat a home for you?"),
}


def questions_for(match_id: uuid.UUID) -> list[str]:
    """The keys of the three questions of this match; they stay while the twelve stay."""
    return random.Random(match_id.int).sample(list(ICEBREAKERS), ASKED)  # noqa: S311 -- no secret
