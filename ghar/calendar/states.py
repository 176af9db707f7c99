"""Why an appointment, a visit or a viewing, ends by itself.

It is kept in these words and said in the language of whoever reads it. Rows hold them: add others, and
never reword one.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

NEVER_AGREED: Final = gettext_noop("The time passed before both had agreed")
NOT_OFFERED: Final = gettext_noop("The place is no longer offered.")
NO_LONGER: Final = gettext_noop("This can no longer take place.")
OUT_OF_TOUCH: Final = gettext_noop("You are no longer in touch with each other.")
NO_TIMES: Final = gettext_noop("Nobody proposed a time.")
OWN_REASONS: Final = frozenset({NEVER_AGREED, NOT_OFFERED, NO_LONGER, OUT_OF_TOUCH, NO_TIMES})


def say_reason(reason: str) -> Any:
    """What somebody wrote stands as it is."""
    return _(reason) if reason in OWN_REASONS else reason
