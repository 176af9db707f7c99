"""The web server: `python -m ghar.web` listens on 127.0.0.1 and PORT until SIGINT or SIGTERM."""

import signal
import socket

from django.conf import settings
import uvicorn

from ghar.asgi import application, stream

STOP_SECONDS = 3
STALLED_READER_MILLISECONDS = 60_000


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A stream never ends by itself, and uvicorn would wait for it.
        stream.close()
        await super().shutdown(sockets)


def main() -> None:
    config = uvicorn.Config(
        application,
        host=settings.WEB_HOST,
        port=settings.PORT,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,  # settings.LOGGING holds, the redaction of secrets included
        server_header=False,
        proxy_headers=bool(settings.FORWARDED_ALLOW_IPS),
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    listening = config.bind_socket()
    _drop_stalled_readers(listening)
    # uvicorn raises the signal again once it has stopped. Either of them then ends the process by
    # the kernel: a KeyboardInterrupt would take the interpreter apart first, for about a second.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Server(config).run(sockets=[listening])


def _drop_stalled_readers(listening: socket.socket) -> None:
    """Have the kernel end connections whose reader takes nothing any more (accepted ones inherit)."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_READER_MILLISECONDS
        )


if __name__ == "__main__":
    main()
