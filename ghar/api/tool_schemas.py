"""The JSON Schema of what a tool takes and answers, by the generator of the API's own schema."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework.serializers import BaseSerializer

from ghar.api.viewsets import ViewSet

Schema = dict[str, Any]

_COMPONENTS: Final = "#/components/schemas/"
_DEFINITIONS: Final = "#/$defs/"
# What only a page of documentation needs (an assistant pays for each word), or what is seen to apart.
_APART: Final = frozenset({"x-spec-enum-id", "title", "readOnly", "properties", "description"})
_CHOICES_TOLD: Final = "* `"  # from here on a description repeats the enum
KEY: Final[Schema] = {
    "type": "string",
    "maxLength": 255,
    "description": "A random text of yours. Call again with the same one after a lost answer:"
    " nothing happens twice, and you get the first answer.",
}


def schema_of_input(takes: type[BaseSerializer], *, with_key: bool) -> Schema:
    schema, parts = _generated(takes, "request")
    schema["properties"] = schema.get("properties", {}) | (
        {"idempotency_key": KEY} if with_key else {}
    )
    return _plain(_whole(schema, parts), is_closed=True)


def schema_of_answer(*gives: type[BaseSerializer], many: bool) -> Schema:
    """Of one of `gives`, or of a page of them."""
    schemas: list[Schema] = []
    parts: Schema = {}
    for each in gives:
        schema, more = _generated(each, "response")
        schemas.append(schema)
        parts |= more
    shape = schemas[0] if len(schemas) == 1 else {"type": "object", "anyOf": schemas}
    return _plain(_whole(_page_of(shape) if many else shape, parts), is_closed=False)


def _generated(serializer: type[BaseSerializer], direction: str) -> tuple[Schema, Schema]:
    """The schema and the components that it names."""
    generator = AutoSchema()
    generator.registry = ComponentRegistry()
    generator.method, generator.path, generator.view = "POST", "", _a_view()
    schema = generator._map_serializer(serializer(), direction)
    return schema, {part.name: part.schema for part in generator.registry._components.values()}


def _a_view() -> ViewSet:
    view = ViewSet()
    view.request, view.format_kwarg = None, None  # type: ignore[assignment]
    return view


def _whole(schema: Schema, parts: Schema) -> Schema:
    return schema | ({"$defs": parts} if parts else {})


def _page_of(item: Schema) -> Schema:
    """The envelope of the API's lists."""
    facts = {
        "items": {"type": "array", "items": item},
        "next_cursor": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "limit": {"type": "integer"},
        "total": {"type": "integer"},
    }
    required = [name for name in facts if name != "total"]
    return {"type": "object", "properties": facts, "required": required}


def _plain(node: Any, *, is_closed: bool) -> Any:
    """The generator's OpenAPI as JSON Schema that stands alone; `is_closed` forbids other fields."""
    if isinstance(node, list):
        return [_plain(each, is_closed=is_closed) for each in node]
    if not isinstance(node, dict):
        return node.replace(_COMPONENTS, _DEFINITIONS) if isinstance(node, str) else node
    plain = {k: _plain(v, is_closed=is_closed) for k, v in node.items() if k not in _APART}
    if "properties" in node:
        # Names of fields are no keywords: one may be called `title`.
        facts = node["properties"].items()
        plain["properties"] = {name: _plain(each, is_closed=is_closed) for name, each in facts}
        if is_closed:
            plain["additionalProperties"] = False
    elif words := node.get("description", "").partition(_CHOICES_TOLD)[0].strip():
        plain["description"] = words
    return plain
