"""`python -m tests.realtime.server PORT`: the stream alone, with short times."""

import sys

import django
import uvicorn

django.setup()

from ghar.accounts.authentication import principal_of_scope  # noqa: E402
from ghar.realtime.stream import EventStream, StreamSettings  # noqa: E402

LIMITS = StreamSettings(keepalive_seconds=1, redis_retry_seconds=0.2, backlog=20)

if __name__ == "__main__":
    uvicorn.run(
        EventStream(principal_of_scope, LIMITS),
        port=int(sys.argv[1]),
        lifespan="off",
        log_config=None,
    )
