"""`python -m tests.realtime.pages PORT USER_ID`: a page that shows something live, and its stream."""

from collections.abc import MutableMapping
import sys
from typing import Any

from django.conf import settings
import uvicorn

from tests.realtime.server import LIMITS

from ghar.accounts.models import User  # isort: skip
from ghar.realtime.stream import EventStream, Receive, Send  # isort: skip

FORM = """<form data-live-type="viewing_request" data-live-url="/form"><input id="note"></form>"""
PAGE = f"""<!doctype html><title>page</title>
<body data-stream-url="/api/v1/events">
<section data-live-type="viewing_request" data-live-url="/fragment">first</section>
{FORM}
<p id="live-status"></p>
<script type="module" src="/stream.js"></script>
"""


class Site:
    def __init__(self, caller: User) -> None:
        self.stream = EventStream(lambda _: caller, LIMITS)
        self.open_streams = self.most_streams = self.fetched = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/api/v1/events":
            await self.count_and_stream(scope, receive, send)
            return
        kind, body = self.page(scope["path"])
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    async def count_and_stream(self, *call: Any) -> None:
        self.open_streams += 1
        self.most_streams = max(self.most_streams, self.open_streams)
        try:
            await self.stream(*call)
        finally:
            self.open_streams -= 1

    def page(self, path: str) -> tuple[str, str]:
        if path == "/stream.js":
            script = settings.BASE_DIR / "static" / "js" / "stream.js"
            return "text/javascript", script.read_text()
        if path == "/most-streams":
            return "text/plain", str(self.most_streams)
        if path == "/fragment":
            self.fetched += 1
            attributes = 'data-live-type="viewing_request" data-live-url="/fragment"'
            message = 'data-live-message="It has changed"'
            return "text/html", f"<section {attributes} {message}>fetched {self.fetched}</section>"
        if path == "/form":
            return "text/html", FORM
        return "text/html", PAGE


if __name__ == "__main__":
    site = Site(User.objects.get(pk=sys.argv[2]))
    uvicorn.run(site, port=int(sys.argv[1]), lifespan="off", log_config=None)
