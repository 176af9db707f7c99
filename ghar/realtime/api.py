"""Where the event stream is, and what the schema of the API says of it: Django does not serve it."""

from typing import Any, Final

from ghar.realtime.models import EventType

# Two names of one stream, with the tag under which the schema shows each.
STREAM_PATHS: Final = {"/api/v1/events": "events", "/api/v1/flatmates/sse": "flatmates"}

_ABOUT: Final = (
    "Server-Sent Events for the caller alone. Each has an `id`, a type of "
    f"{', '.join(f'`{kind}`' for kind in EventType.values)}, and as data a JSON object"
    " `{id, object_type, object_id, status, route}`: a hint, fetch the truth. Who comes back with the"
    " last id hears what was missed; where that is impossible the event is `reset`. A comment is a"
    " sign of life."
)
_LAST_ID: Final = "The `id` of the last event that was received"
_REFUSALS: Final = {
    "401": "Nobody is signed in.",
    "403": "The account is suspended.",
    "405": "A stream can only be read.",
    "503": "Come back after `Retry-After` seconds.",
}


def describe_stream(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, which finds Django's own routes only."""
    described = {path: {"get": _operation(tag)} for path, tag in STREAM_PATHS.items()}
    return result | {"paths": dict(sorted((result["paths"] | described).items()))}


def _operation(tag: str) -> dict[str, Any]:
    return {
        "operationId": f"{tag}_stream",
        "description": _ABOUT,
        "parameters": [
            _parameter("header", "Last-Event-ID", f"{_LAST_ID}; browsers send it by themselves."),
            _parameter("query", "lastEventId", f"{_LAST_ID}, for who cannot set the header."),
        ],
        "tags": [tag],
        "security": [{"token": []}, {"seekerSession": []}, {"browser": []}],
        "responses": {
            "200": {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "The stream; it does not end by itself.",
            },
            **{status: _refusal(words) for status, words in _REFUSALS.items()},
        },
    }


def _parameter(place: str, name: str, words: str) -> dict[str, Any]:
    return {"in": place, "name": name, "schema": {"type": "string"}, "description": words}


def _refusal(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"content": {"application/json": {"schema": schema}}, "description": words}
