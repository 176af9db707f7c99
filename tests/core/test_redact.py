from io import StringIO
import logging
from logging import StreamHandler

import pytest
import structlog

from ghar.lib.redact import RedactSecrets, redact


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("GET /v/abc123/ 200", "GET /v/…/ 200"),
        ("GET /calendar.ics?key=abc123 200", "GET /calendar.ics?key=… 200"),
        ("/x?page=2&token=abc123&limit=5", "/x?page=2&token=…&limit=5"),
        ("/rooms/nice-room-1/?currency=INR", "/rooms/nice-room-1/?currency=INR"),
    ],
)
def test_secrets_in_addresses_are_left_out(text: str, logged: str) -> None:
    assert redact(text) == logged


def test_what_structlog_is_told_goes_through_the_handlers_of_the_site() -> None:
    handler = next(one for one in logging.getLogger().handlers if type(one) is StreamHandler)
    was = handler.setStream(written := StringIO())
    code = "123456"
    try:
        try:
            raise ValueError
        except ValueError:
            structlog.get_logger("ghar.test").exception("failed", page="/v/abc123/")
    finally:
        handler.setStream(was)
    text = written.getvalue()
    assert "ERROR ghar.test event='failed' page='/v/…/'" in text
    assert "Traceback" in text
    assert code not in text  # no values of variables


def test_a_log_line_is_rewritten_after_its_arguments_are_filled_in() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "Not Found: %s", ("/v/abc123/",), None)
    assert RedactSecrets().filter(record)
    assert record.getMessage() == "Not Found: /v/…/"
