"""Tools: what an assistant may call by name with one JSON object, beside the routes of the API.

An app says in its tools.py which it has; the input of one is read by the serializer of its REST
twin, so names, codes and errors of fields are the same. `ghar.mcp` serves them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
import inspect
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from ghar.api.features import require_feature
from ghar.api.pages import MAX_LIMIT, paginate
from ghar.api.serializers import StrictSerializer
from ghar.api.tool_schemas import Schema, schema_of_answer, schema_of_input
from ghar.errors import NotFound
from ghar.lib import rls


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
    """`run(call, **arguments)` answers with a JSON object, as `gives` describes it (one of them, or
    with `many` a page of them).

    `acts_as_caller` and `remembers_keys` as in ghar.api.viewsets; `feature` is a flag without which
    it refuses. `destroys` and `is_repeatable` are hints: somebody loses something by it, and doing
    it twice is doing it once.
    """

    name: str
    takes: type[StrictSerializer]
    gives: tuple[type[serializers.BaseSerializer], ...]
    run: Callable[..., dict[str, Any]]
    many: bool = False
    acts_as_caller: bool = False
    only_reads: bool = False
    destroys: bool = False
    is_repeatable: bool = False
    feature: str = ""
    remembers_keys: bool = True

    @property
    def takes_key(self) -> bool:
        return self.remembers_keys and not self.only_reads

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

    def input_schema(self) -> Schema:
        return schema_of_input(self.takes, with_key=self.takes_key)

    def output_schema(self) -> Schema:
        return schema_of_answer(*self.gives, many=self.many)


class Toolbox:
    """The tools of an app, by name. Staff have all, some of them with another answer."""

    def __init__(self) -> None:
        self.for_users: dict[str, Tool] = {}
        self.for_staff: dict[str, Tool] = {}

    def add(
        self,
        name: str,
        takes: type[StrictSerializer],
        *gives: type[serializers.BaseSerializer],
        staff: bool = False,
        **how: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator. With `staff` it is for staff alone and, written later, goes before the
        tool of the same name that users have.
        """

        def register(run: Callable[..., Any]) -> Callable[..., Any]:
            tool = Tool(name, takes, gives, run, **how)
            self.for_staff[name] = tool
            if not staff:
                self.for_users[name] = tool
            return run

        return register


class ToolInput(StrictSerializer):
    """What a tool takes, with `words` about each field for which the REST twin has none."""

    words: ClassVar[dict[str, str]] = {}

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name, text in self.words.items():
            fields[name].help_text = text
        return fields


class PageInput(ToolInput):
    """What every list takes."""

    cursor = serializers.CharField(
        max_length=500, required=False, help_text="`next_cursor` of the page before."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text="How many; 20 unless said."
    )
    include_total = serializers.BooleanField(
        required=False, help_text="Count all of them too, as `total`."
    )


def page_of(
    name: str,
    rows: QuerySet[Any],
    represent: Callable[[list[Any]], Any],
    wanted: dict[str, Any],
    order: tuple[str, ...] = ("-id",),
) -> dict[str, Any]:
    """One keyset page of the tool `name`, in the envelope of the API's lists."""
    params: dict[str, str] = {
        name: str(wanted[name]) for name in ("cursor", "limit") if name in wanted
    }
    if wanted.get("include_total"):
        params["include_total"] = "true"
    page = paginate(rows, params=params, order=order, scope=name)
    return page.envelope(represent(page.rows))
