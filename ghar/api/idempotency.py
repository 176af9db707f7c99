"""The same write sent twice happens once.

Key, effect and answer commit together: a crash leaves all of them or none.
"""

from collections.abc import Callable
import datetime as dt
import hashlib
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework.response import Response

from ghar.api.errors import Malformed
from ghar.api.models import IdempotencyKey
from ghar.errors import Conflict, Invalid
from ghar.lib import clock

REMEMBERED = dt.timedelta(hours=24)
MAX_LENGTH = 255
# Sign in (again), or wait: nothing was done, and the same call is meant to be sent once more.
ASKS_TO_RETRY = frozenset({401, 403, 429})


def once(
    *,
    caller: str,
    key: str,
    request: HttpRequest,
    takes_form: bool,
    answer: Callable[[], Response],
) -> HttpResponse:
    """`remembered` for a request over HTTP."""
    request_hash = _hash(request, takes_form=takes_form)
    return remembered(
        caller=caller, key=key, request_hash=request_hash, answer=lambda: answer().render()
    )


def remembered(
    *, caller: str, key: str, request_hash: str, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    """The remembered answer for this key, or that of `answer()`, remembered.

    Raises Invalid (IDEMPOTENCY_MISMATCH) for another body under a known key and Conflict
    (IN_PROGRESS) while the first call still runs.
    """
    if len(key) > MAX_LENGTH or not key.isprintable():
        raise Invalid.field("Idempotency-Key", f"at most {MAX_LENGTH} printable characters")
    with transaction.atomic():
        if not _try_lock(f"{caller}:{key}"):
            raise Conflict(code="IN_PROGRESS")
        now = clock.now()
        found = IdempotencyKey.objects.filter(caller=caller, key=key).first()
        if found is not None and found.created_at > now - REMEMBERED:
            return _replay(found, request_hash)
        response = answer()
        if response.status_code < 500 and response.status_code not in ASKS_TO_RETRY:
            IdempotencyKey.objects.update_or_create(
                caller=caller,
                key=key,
                defaults={
                    "request_hash": request_hash,
                    "status": response.status_code,
                    "body": response.content,
                    "created_at": now,
                },
            )
        return response


def forget_old_keys() -> int:
    old = IdempotencyKey.objects.filter(created_at__lte=clock.now() - REMEMBERED)
    return old.delete()[0]


def _replay(found: IdempotencyKey, request_hash: str) -> HttpResponse:
    if found.request_hash != request_hash:
        raise Invalid(code="IDEMPOTENCY_MISMATCH")
    response = HttpResponse(bytes(found.body), status=found.status, content_type="application/json")
    response["Idempotency-Replayed"] = "true"
    return response


def _hash(request: HttpRequest, *, takes_form: bool) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    # A form that nobody asked for stays unread, for the route to refuse.
    if takes_form and request.content_type == "multipart/form-data":
        _add_form(digest, request)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def _add_form(digest: Any, request: HttpRequest) -> None:
    """What a form says: its boundary differs with each try, and its files may be large."""
    try:
        fields, files = request.POST, request.FILES
    except MultiPartParserError as exc:
        raise Malformed(str(exc)) from exc
    digest.update(repr(sorted(fields.lists())).encode())
    for name, sent in sorted(files.lists()):
        for file in sent:
            digest.update(f"\n{name} {file.name} {file.size}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)


def _try_lock(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))", [name])
        return bool(cursor.fetchone()[0])
