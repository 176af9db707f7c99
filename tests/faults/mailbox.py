"""Where the e-mail of the workers arrives: outside of the database, whatever becomes of them."""

from collections.abc import Sequence
import json
import os
from pathlib import Path
import signal
import time
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

PLACE = "GHAR_TEST_MAILBOX"
# Readers whose mail the transport cannot take, and whose mail it does not survive.
REFUSED, DEADLY = "refused@example.org", "deadly@example.org"


class Mail(NamedTuple):
    key: str
    to: str
    subject: str
    arrived_at: float


class Mailbox(BaseEmailBackend):
    """One line for each message that has arrived, in the file that the environment names."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.to == [DEADLY]:
                os.kill(os.getpid(), signal.SIGKILL)
            if message.to == [REFUSED]:
                raise OSError("refused")
            key = message.message()["Message-ID"]
            line = json.dumps(Mail(key, message.to[0], message.subject, time.time()))
            # One write at the end of the file: processes do not write into each other's lines.
            with Path(os.environ[PLACE]).open("ab", buffering=0) as file:
                file.write(f"{line}\n".encode())
        return len(email_messages)


def read(place: Path) -> list[Mail]:
    lines = place.read_text().splitlines() if place.exists() else []
    return [Mail(*json.loads(line)) for line in lines]
