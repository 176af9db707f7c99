"""Tags of a society: one spelling for each, and when neighbours disagree."""

import re
from typing import Final

LONGEST: Final = 40
MOST: Final = 10  # of one person about one place
DOWNS_TO_DISPUTE: Final = 3
_SEPARATORS: Final = re.compile(r"[\s_\-\u2010-\u2015/.,;:|+&]+")


def normal_tag(tag: str) -> str:
    """ "  Pet-friendly " is pet_friendly; empty where no word is left."""
    return _SEPARATORS.sub("_", tag.lower()).strip("_")


def is_disputed(downvotes: int) -> bool:
    return downvotes >= DOWNS_TO_DISPUTE
