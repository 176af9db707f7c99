"""Clients of a site that is killed under them, and the account of what it has acknowledged."""

from collections.abc import Iterator
import datetime as dt
from http.client import HTTPException
from itertools import count
import json
from threading import Event, Thread
import time
from typing import Any

from ghar.lib import clock
from tests.faults.processes import PATIENCE
from tests.serving.servers import Reply

SHORT_PAUSE = 0.05
# The site says that it cannot answer now, or that the first try of this write still runs.
ASK_AGAIN = frozenset({502, 503})


class Seeker(Thread):
    """Books one tour after the other; asks again, with the same key, until each is acknowledged."""

    def __init__(self, port: int, token: str, home: str) -> None:
        super().__init__(daemon=True)
        self._port, self._token, self._home = port, token, home
        self._enough = Event()
        self.acknowledged: list[str] = []
        self.interrupted = 0
        self.unexpected: list[str] = []
        self.start()

    def run(self) -> None:
        for number, moment in enumerate(_times()):
            if self._enough.is_set() or self.unexpected:
                return
            self._book(moment, key=f"{self._home}-{number}")

    def finish(self) -> None:
        """What is asked for is still waited for."""
        self._enough.set()
        self.join(PATIENCE)
        assert not self.is_alive(), "the site did not come back"

    def visits(self) -> list[str]:
        """All that the site knows of, page by page."""
        found, cursor = [], ""
        while cursor is not None:
            page = self._ask("GET", f"/api/v1/visits?cursor={cursor}").json()
            found += [visit["id"] for visit in page["items"]]
            cursor = page["next_cursor"]
        return found

    def _book(self, moment: dt.datetime, *, key: str) -> None:
        body = json.dumps({"property_id": self._home, "scheduled_date": moment.isoformat()})
        while True:
            try:
                reply = self._ask("POST", "/api/v1/visits", body=body, key=key)
            except (OSError, HTTPException):
                self.interrupted += 1
            else:
                if reply.status == 201:
                    self.acknowledged.append(reply.json()["id"])
                    return
                if reply.status not in ASK_AGAIN and b"IN_PROGRESS" not in reply.body:
                    self.unexpected.append(f"{reply.status} {reply.body[:300]!r}")
                    return
                self.interrupted += 1
            time.sleep(SHORT_PAUSE)

    def _ask(self, method: str, path: str, *, key: str = "", **words: Any) -> Reply:
        headers = {"Authorization": self._token, "Content-Type": "application/json"}
        own = {"Idempotency-Key": key} if key else {}
        return Reply(self._port, method, path, headers=headers | own, **words)


def _times() -> Iterator[dt.datetime]:
    """Every hour from tomorrow on."""
    today = clock.now().replace(minute=0, second=0, microsecond=0)
    return (today + dt.timedelta(days=1, hours=hour) for hour in count())
