"""Identifiers are UUIDs of version 7, made in Python so that no server extension is needed."""

from typing import Final
import uuid

import uuid_utils.compat

# For addresses of the API, which end with or without a slash and so are regular expressions.
UUID_PATTERN: Final = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def uuid7() -> uuid.UUID:
    return uuid_utils.compat.uuid7()
