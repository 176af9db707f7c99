"""Whom a booking names by their ids."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from flatmates.models import Conversation, Match
from ghar.accounts.models import User
from ghar.errors import Invalid, NotFound
from visits.policies import booking as policies


def people_named(body: dict[str, Any], *, by: User) -> dict[str, Any]:
    """The people, the match and the conversation of a booking, as `schedule_visit` takes them.

    Whoever is no match of the visitor's is as good as nobody: Conflict (NO_ACTIVE_MATCH).
    """
    policies.check_may_book_for(body.get("user_id") or by.pk, by)
    people = User.objects.filter(is_active=True)
    visitor = _one(people, body.get("user_id"), NotFound()) or by
    unknown = policies.NoActiveMatch()
    other_talk = Invalid.field("conversation_id", _("This is no conversation of yours."))
    conversations = Conversation.objects.filter(participants__user=visitor)
    return {
        "visitor": visitor,
        "counterparty": _one(people, body.get("counterparty_user_id"), unknown),
        "match": _one(Match.objects.of(visitor), body.get("match_id"), unknown),
        "conversation": _one(conversations, body.get("conversation_id"), other_talk),
    }


def _one(rows: Any, pk: Any, refusal: Exception) -> Any:
    """The row that was named, or None where none was."""
    found = rows.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise refusal
    return found
