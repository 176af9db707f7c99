"""What is said about an appointment, a visit or a viewing, to each of its people."""

from typing import Any, NamedTuple
import uuid

from django.utils.text import format_lazy

from ghar.notifications.models import NotificationType
from ghar.notifications.services.lines import Line


class Notice(NamedTuple):
    """Lazy texts: `{place}` is the listing's title, `{time}` the time that it is about.

    `own_title` is for whoever took the step, and `own_body` where theirs is another one.
    """

    type: NotificationType
    title: Any
    body: Any
    is_for_calendar: bool = False
    own_title: Any = ""
    own_body: Any = ""
    is_own: bool = False

    def own(self, *, is_agreed: bool) -> "Notice | None":
        """The same for whoever took the step: they know it, and their calendar does not. None where
        no time is or was agreed, or nothing is for them.
        """
        if not (is_agreed and self.own_title):
            return None
        body = self.own_body or self.body
        return self._replace(title=self.own_title, body=body, is_own=True)

    def line(
        self, *, to: Any, words: dict[str, Any], route: str, appointment_id: uuid.UUID | None
    ) -> Line:
        return Line(
            to=to,
            type=self.type,
            title=format_lazy(self.title, **words),
            body=format_lazy(self.body, **words),
            route=route,
            appointment_id=appointment_id if self.is_for_calendar else None,
            is_read=self.is_own,
        )
