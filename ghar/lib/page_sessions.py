"""The store of browser sessions (settings.SESSION_ENGINE)."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: Any) -> bool:
        """A key that we never made is none: PostgreSQL would stumble over a NUL in it."""
        return bool(super()._validate_session_key(key)) and key.isalnum()  # type: ignore[misc]
