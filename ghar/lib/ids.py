"""Identifiers are UUIDs of version 7, made in Python so that no server extension is needed."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    return uuid_utils.compat.uuid7()
