"""Row-level security: run the database work of one request as the person who asks.

The web and the workers log in as `ghar_web`, which has no grant on the six private tables of
moderation and viewings. Inside `acting_as` the transaction takes a role whose policies see only
what that person may see, so a forgotten filter shows nothing instead of everything.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import functools
from typing import Any, Final
import uuid

from django.db import connection, transaction

from ghar.lib.actors import Actor

USER: Final = "ghar_user"
STAFF: Final = "ghar_staff"
WORKER: Final = "ghar_worker"

Identity = tuple[str, str, str]
_ATTRIBUTE: Final = "acting_identity"  # of the connection: what its transaction acts as

_SET = (
    "SELECT set_config('role', %s, true), set_config('ghar.uid', %s, true),"
    " set_config('ghar.sid', %s, true)"
)
# Back to what the connection started with; a plain RESET would outlive the transaction.
_UNSET = "SET LOCAL role TO DEFAULT; SET LOCAL ghar.uid TO DEFAULT; SET LOCAL ghar.sid TO DEFAULT"


@contextmanager
def acting_as(
    role: str, *, uid: uuid.UUID | None = None, sid: uuid.UUID | None = None
) -> Iterator[None]:
    """One transaction under `role`, for the user `uid` or the seeker session `sid`.

    Nested use restores the outer identity at exit: inside a savepoint a SET LOCAL would leak out.
    Where the roles do not exist (see the check ghar.W002) this is a plain transaction.
    """
    nested = connection.in_atomic_block
    outer: Identity | None = getattr(connection, _ATTRIBUTE, None)
    with transaction.atomic():
        if not roles_exist():
            yield
            return
        identity = (role, str(uid or ""), str(sid or ""))
        _take(identity)
        try:
            yield
        finally:
            _remember(outer)
        # Reached only without an exception: a rollback restores the settings by itself.
        if nested:
            _take(outer)


@contextmanager
def acting_for(caller: Actor | None) -> Iterator[None]:
    """`acting_as` with the role and id of a User, a SeekerSession, SYSTEM or nobody."""
    if caller is None:
        identity = acting_as(USER)
    elif caller.actor_kind == "system":
        identity = acting_as(WORKER)
    elif caller.actor_kind == "session":
        identity = acting_as(USER, sid=uuid.UUID(caller.actor_id))
    else:
        identity = acting_as(STAFF if caller.is_admin else USER, uid=uuid.UUID(caller.actor_id))
    with identity:
        yield


def as_caller(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run a page in one transaction as `request.caller` (for pages that touch the six tables).

    The response is rendered inside: a lazy template would read its rows after the role is gone.
    """

    @functools.wraps(view)
    def acting(request: Any, *args: Any, **kwargs: Any) -> Any:
        with acting_for(request.caller):
            response = view(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    return acting


def _take(identity: Identity | None) -> None:
    with connection.cursor() as cursor:
        if identity is None:
            cursor.execute(_UNSET)
        else:
            cursor.execute(_SET, identity)
    _remember(identity)


def _remember(identity: Identity | None) -> None:
    setattr(connection, _ATTRIBUTE, identity)


@functools.cache
def roles_exist() -> bool:
    """Whether this database has the roles and the login may take them (asked once a process)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) = 3 FROM pg_roles WHERE rolname = ANY(%s)"
            " AND pg_has_role(session_user, oid, 'MEMBER')",
            [[USER, STAFF, WORKER]],
        )
        return bool(cursor.fetchone()[0])
