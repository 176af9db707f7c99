"""Identifiers are UUIDs of version 7, made in Python so that no server extension is needed."""

from typing import Final
import uuid

from django.urls.converters import UUIDConverter, register_converter
import uuid_utils.compat

# For addresses of the API, which end with or without a slash and so are regular expressions.
UUID_PATTERN: Final = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class IdConverter(UUIDConverter):
    """`<id:pk>` in the address of a page: in capitals too, as some programs write what they copy."""

    regex = UUID_PATTERN


register_converter(IdConverter, "id")


def uuid7() -> uuid.UUID:
    return uuid_utils.compat.uuid7()
