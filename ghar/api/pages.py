"""Keyset pages: no row is skipped or repeated while rows come and go."""

from collections.abc import Callable, Iterable, Sequence
import datetime as dt
from functools import reduce
import operator
from typing import Any, NamedTuple
import uuid

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from ghar.errors import DomainError, Invalid

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class InvalidCursor(DomainError):
    status = 400
    code = "INVALID_CURSOR"


class Page(NamedTuple):
    """Rows of one page and how to go on; `total` only when it was asked for."""

    rows: list[Any]
    next_cursor: str | None
    limit: int
    total: int | None

    def envelope(self, items: Iterable[Any]) -> dict[str, Any]:
        body = {
            "items": list(items),
            "next_cursor": self.next_cursor,
            "has_more": self.next_cursor is not None,
            "limit": self.limit,
        }
        return body if self.total is None else body | {"total": self.total}


def paginate(
    queryset: QuerySet[Any], *, params: Any, order: Sequence[str] = ("-id",), scope: str = ""
) -> Page:
    """One page of `queryset` in `order`, whose last field must be unique and none nullable.

    `params` are the query parameters (cursor, limit, include_total). `scope` ties the cursor to its
    list, so that one of another list or another order is refused (INVALID_CURSOR).
    """
    limit = _limit(params.get("limit"))
    salt = f"cursor:{scope}:{','.join(order)}"
    rows = queryset.order_by(*order)
    total = queryset.count() if params.get("include_total") == "true" else None
    if cursor := params.get("cursor"):
        rows = rows.filter(_after(order, _read_cursor(cursor, salt)))
    found = list(rows[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _write_cursor(found[-1], order, salt) if more else None, limit, total)


def paginate_page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    order: Sequence[str] = ("-id",),
    params: Any = None,
    scope: str = "",
) -> Page:
    """The same for a page of the site, where a cursor or a limit that is not ours is not found.

    `params` stand in the place of the query of `request`, `scope` in that of its path.
    """
    asked = request.GET if params is None else params
    try:
        return paginate(queryset, params=asked, order=order, scope=scope or request.path)
    except DomainError as error:
        raise Http404 from error


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    # isdecimal alone accepts thousands of digits, which int() refuses with a bare ValueError.
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > 3
        or not 1 <= int(text) <= MAX_LIMIT
    ):
        raise Invalid.field("limit", f"1 to {MAX_LIMIT}")
    return int(text)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows behind `values`: (a, b) > (x, y), spelled out because directions may differ.

    That the first column is not before its value follows from the rest, but only a plain condition
    tells the planner where in the index to begin: page 50 then costs what page 1 does.
    """
    lead, step = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    begin = Q(**{f"{lead}__{step}": values[0]})
    branches = []
    for index, term in enumerate(order):
        same = {name.lstrip("-"): values[i] for i, name in enumerate(order[:index])}
        step = "lt" if term.startswith("-") else "gt"
        branches.append(Q(**same, **{f"{term.lstrip('-')}__{step}": values[index]}))
    return begin & reduce(operator.or_, branches)


_WRITE: dict[type, Callable[[Any], Any]] = {
    uuid.UUID: lambda value: ["u", value.hex],
    dt.datetime: lambda value: ["t", value.isoformat()],
    float: lambda value: ["f", value.hex()],
}
_READ: dict[str, Callable[[Any], Any]] = {
    "u": uuid.UUID,
    "t": dt.datetime.fromisoformat,
    "f": float.fromhex,
}


def _write_cursor(row: Any, order: Sequence[str], salt: str) -> str:
    names = [term.lstrip("-") for term in order]
    raw = [_value(row, name) for name in names]
    return signing.dumps([_WRITE.get(type(v), lambda v: v)(v) for v in raw], salt=salt)


def _value(row: Any, name: str) -> Any:
    if isinstance(row, Model):
        return reduce(getattr, name.split("__"), row)
    return row[name]


def _read_cursor(cursor: str, salt: str) -> list[Any]:
    try:
        raw = signing.loads(cursor, salt=salt)
    except signing.BadSignature as exc:
        raise InvalidCursor from exc
    return [_READ[v[0]](v[1]) if isinstance(v, list) else v for v in raw]
