"""Secrets that stand in addresses never reach a log."""

import logging
import re

_SECRET = re.compile(r"(/v/|/visits/shared/|[?&](?:key|token|secret|code)=)[^/?&\s\"']+")


def redact(text: str) -> str:
    return _SECRET.sub(r"\1…", text)


class RedactSecrets(logging.Filter):
    """For a handler: rewrites the finished message, wherever in it the address came from."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if redact(message) != message:
            record.msg, record.args = redact(message), None
        return True
