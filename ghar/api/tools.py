"""Tools: what an assistant may call by name with one JSON object, beside the routes of the API.

An app says in its tools.py which it has; the input of one is read by the serializer of its REST
twin, so names, codes and errors of fields are the same. `ghar.mcp` serves them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
import inspect
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers

from ghar.api.features import require_feature
from ghar.api.pages import MAX_LIMIT, paginate
from ghar.api.serializers import StrictSerializer
from ghar.errors import NotFound
from ghar.lib import rls

_COMPONENTS: Final = "#/components/schemas/"
_DEFINITIONS: Final = "#/$defs/"
# What only a page of documentation needs: an assistant pays for each word.
_IDLE: Final = {"x-spec-enum-id", "title"}


@dataclass(frozen=True)
class Call:
    """Who calls: what a view is to the serializers, and a request to checks of the sign-in."""

    user: Any
    auth: Any  # the token
    address: str

    @property
    def caller(self) -> Any:
        return self.user

    def get_one(self, queryset: QuerySet[Any], pk: Any) -> Any:
        """The row, or NotFound: the same whether it does not exist or is not the caller's."""
        found = queryset.filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found


@dataclass(frozen=True)
class Tool:
    """`run(call, **arguments)` answers with a JSON object.

    `acts_as_caller` as in ghar.api.viewsets; `feature` is a flag without which it refuses.
    """

    name: str
    takes: type[StrictSerializer]
    run: Callable[..., dict[str, Any]]
    acts_as_caller: bool = False
    only_reads: bool = False
    feature: str = ""

    @property
    def description(self) -> str:
        return inspect.getdoc(self.run) or ""

    def answer(self, call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
        """Raises what the REST twin raises."""
        if self.feature:
            require_feature(self.feature)
        serializer = self.takes(data=arguments, context={"view": call})
        serializer.is_valid(raise_exception=True)
        with self._transaction(call):
            return self.run(call, **serializer.validated_data)

    def _transaction(self, call: Call) -> AbstractContextManager[None]:
        return rls.acting_for(call.caller) if self.acts_as_caller else nullcontext()

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of `takes`, from the same generator as the schema of the API."""
        generator = AutoSchema()
        generator.registry = ComponentRegistry()
        generator.method, generator.path, generator.view = "POST", "", None
        schema = generator._map_serializer(self.takes(), "request")
        parts = {part.name: part.schema for part in generator.registry._components.values()}
        whole = schema | ({"$defs": parts} if parts else {})
        return _plain(whole)


class Toolbox:
    """The tools of an app, by name. Staff have all, some of them with another answer."""

    def __init__(self) -> None:
        self.for_users: dict[str, Tool] = {}
        self.for_staff: dict[str, Tool] = {}

    def add(
        self, name: str, takes: type[StrictSerializer], *, staff: bool = False, **how: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator. With `staff` it is for staff alone and, written later, goes before the
        tool of the same name that users have.
        """

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            tool = Tool(name, takes, run, **how)
            self.for_staff[name] = tool
            if not staff:
                self.for_users[name] = tool
            return run

        return register


class PageInput(StrictSerializer):
    """What every list takes."""

    cursor = serializers.CharField(max_length=500, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, required=False)
    include_total = serializers.BooleanField(required=False)


def page_of(
    name: str,
    rows: QuerySet[Any],
    represent: Callable[[list[Any]], list[Any]],
    wanted: dict[str, Any],
    order: tuple[str, ...] = ("-id",),
) -> dict[str, Any]:
    """One keyset page of the tool `name`, in the envelope of the API's lists."""
    params = {key: str(wanted[key]).lower() for key in ("limit", "include_total") if key in wanted}
    if "cursor" in wanted:
        params["cursor"] = wanted["cursor"]
    page = paginate(rows, params=params, order=order, scope=name)
    return page.envelope(represent(page.rows))


def _plain(node: Any) -> Any:
    """The generator's OpenAPI as JSON Schema that stands alone."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node.replace(_COMPONENTS, _DEFINITIONS) if isinstance(node, str) else node
    is_object = "properties" in node and node.get("type") == "object"
    idle = {*_IDLE, "description"} if is_object or "enum" in node else _IDLE
    plain = {key: _plain(value) for key, value in node.items() if key not in idle}
    if is_object:
        # Names of fields are no keywords: one may be called `title`.
        plain["properties"] = {name: _plain(each) for name, each in node["properties"].items()}
        plain["additionalProperties"] = False
    return plain
