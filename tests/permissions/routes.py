"""Every route of the URLconf with its methods, read from the resolver."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

# Pages of packages that have their own rules and tests: the admin's are tried in test_admin.py.
FOREIGN = ("admin/", "accounts/")


class Route(NamedTuple):
    """`name` with its namespace, as in reverse(); `methods` is None where the view decides."""

    name: str
    pattern: str
    methods: tuple[str, ...] | None


def own_routes() -> Iterator[Route]:
    yield from _walk(get_resolver().url_patterns, prefix="", namespace="")


def _walk(patterns, prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        pattern = prefix + str(entry.pattern)
        if pattern.startswith(FOREIGN):
            continue
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name}", pattern, _methods(entry.callback))


def _methods(view) -> tuple[str, ...] | None:
    actions = getattr(view, "actions", None)
    if actions:
        return tuple(sorted(method.upper() for method in actions if method != "head"))
    return None
