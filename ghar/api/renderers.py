from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
import orjson
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8; the media type has no parameter for it

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return (
            b""
            if data is None
            else orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | Decimal):
        return str(value)
    if isinstance(value, str):  # ErrorDetail and other subclasses of str
        return str(value)
    raise TypeError(type(value))
