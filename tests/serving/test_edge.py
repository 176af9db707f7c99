from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
import errno
import json
from pathlib import Path
import socket
import time
from typing import Any

from a2wsgi import WSGIMiddleware
import pytest

from ghar.edge import Edge, EdgeSettings
from tests.serving.servers import Reply, served

Environ = dict[str, Any]
PICTURE = bytes(range(256)) * 1000


def wsgi_application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says what has reached it; under /file it names a file, under /large it answers 4 MB."""
    path = environ["PATH_INFO"]
    if path.startswith("/file"):
        headers = [
            ("X-Ghar-File", path.removeprefix("/file/")),
            ("Content-Type", "image/jpeg"),
            ("Cache-Control", "max-age=600"),
            ("Vary", "Accept-Language, Cookie"),
        ]
        start_response("200 OK", headers)
        return [b""]
    start_response("200 OK", [("Content-Type", "application/json")])
    if path == "/large":
        return [b"x" * 1024 * 1024] * 4
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    seen = {
        "length": len(body),
        "forwarded": environ.get("HTTP_X_FORWARDED_FOR"),
    }
    return [json.dumps(seen).encode()]


LIMITS = EdgeSettings(drained=4 * 1024 * 1024, grace_seconds=1, bodies_at_once=60)


@pytest.fixture(scope="module")
def files_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("outer") / "media"
    root.mkdir()
    (root / "room.jpg").write_bytes(PICTURE)
    (root.parent / "secret.txt").write_text("not yours")
    return root


@pytest.fixture(scope="module")
def port(files_root: Path) -> Iterator[int]:
    application = WSGIMiddleware(wsgi_application, workers=2)
    with served(Edge(application, files_root=files_root, limits=LIMITS)) as port:
        yield port


def stall(port: int, request: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(request)
    return client


def test_a_body_reaches_the_application_whole(port: int) -> None:
    assert Reply(port, "POST", "/", body=b"x" * 300_000).json()["length"] == 300_000


def test_a_chunked_body_reaches_the_application_whole(port: int) -> None:
    chunks = (b"x" * 1000 for _ in range(300))
    assert Reply(port, "POST", "/", body=chunks, encode_chunked=True).json()["length"] == 300_000


@pytest.mark.parametrize("as_chunks", [False, True], ids=["with a length", "chunked"])
def test_too_large_a_body_is_read_and_then_refused(port: int, as_chunks: bool) -> None:
    body: Any = b"x" * 2_000_000
    if as_chunks:
        body = (b"x" * 100_000 for _ in range(20))
    reply = Reply(port, "POST", "/api/v1/properties", body=body)
    assert reply.status == 413
    assert reply.json()["error"]["code"] == "TOO_LARGE"


def test_a_page_gets_the_refusal_as_a_page(port: int) -> None:
    reply = Reply(port, "POST", "/host/new", body=b"x" * 2_000_000)
    assert (reply.status, reply.headers["content-type"]) == (413, "text/html; charset=utf-8")


def test_a_photo_of_ten_megabytes_passes_and_eleven_do_not(port: int) -> None:
    limits = EdgeSettings()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    application = WSGIMiddleware(wsgi_application, workers=1)
    with served(Edge(application, files_root="/nonexistent", limits=limits)) as own_port:
        ten, eleven = (
            Reply(own_port, "POST", "/api/", body=b"x" * size, headers=headers)
            for size in (10 * 1024 * 1024, 11 * 1024 * 1024)
        )
    assert (ten.status, eleven.status) == (200, 413)


def test_a_body_beyond_all_bounds_is_not_read_to_its_end(port: int) -> None:
    head = b"POST /api/ HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n"
    with stall(port, head) as client:
        # The connection may end before all of it is sent.
        with suppress(ConnectionError):
            client.sendall(b"x" * (LIMITS.drained + 1_000_000))
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")


def test_names_with_underscores_cannot_pose_as_headers_of_the_proxy(port: int) -> None:
    reply = Reply(port, "GET", "/", headers={"X_Forwarded_For": "10.0.0.1"})
    assert reply.json()["forwarded"] is None
    honest = Reply(port, "GET", "/", headers={"X-Forwarded-For": "10.0.0.1"})
    assert honest.json()["forwarded"] == "10.0.0.1"


def test_fifty_stalled_uploads_leave_the_site_quick_and_are_ended(port: int) -> None:
    head = b"POST /api/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nhalf"
    stalled = [stall(port, head) for _ in range(50)]
    try:
        started = time.monotonic()
        assert Reply(port, "POST", "/", body=b"whole").status == 200
        assert time.monotonic() - started < 0.5
        answers = [client.recv(1000) for client in stalled]
    finally:
        for client in stalled:
            client.close()
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}


def test_fifty_stalled_readers_leave_the_site_quick(port: int) -> None:
    stalled = [stall(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(50)]
    try:
        started = time.monotonic()
        assert Reply(port, "GET", "/").status == 200
        assert time.monotonic() - started < 5
        assert len(Reply(port, "GET", "/large").body) == 4 * 1024 * 1024
    finally:
        for client in stalled:
            client.close()


def test_more_bodies_at_once_than_can_be_held_are_told_to_come_back(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nhalf"
    stalled = [stall(port, head) for _ in range(LIMITS.bodies_at_once)]
    try:
        time.sleep(0.2)
        busy = Reply(port, "POST", "/api/v1/x", body=b"whole")
        reading = Reply(port, "GET", "/")
    finally:
        for client in stalled:
            client.close()
    assert (busy.status, busy.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert busy.headers["retry-after"] == "5"
    assert reading.status == 200


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EIO, 500)])
def test_where_the_disk_is_full_a_request_is_told_to_come_back(number: int, status: int) -> None:
    async def application(*_: Any) -> None:
        raise OSError(number, "while it writes a file")

    with served(Edge(application, files_root="/nonexistent")) as own_port:
        assert Reply(own_port, "GET", "/api/v1/x").status == status


def test_a_file_leaves_with_the_headers_of_the_application(port: int) -> None:
    reply = Reply(port, "GET", "/file/room.jpg")
    assert (reply.status, reply.body) == (200, PICTURE)
    assert reply.headers["content-type"] == "image/jpeg"
    assert reply.headers["cache-control"] == "max-age=600"
    assert "x-ghar-file" not in reply.headers
    assert "vary" not in reply.headers  # one copy of a picture serves everybody


def test_a_part_of_a_file(port: int) -> None:
    reply = Reply(port, "GET", "/file/room.jpg", headers={"Range": "bytes=256-511"})
    assert (reply.status, reply.body) == (206, bytes(range(256)))
    assert reply.headers["content-range"] == "bytes 256-511/256000"


def test_the_head_of_a_file(port: int) -> None:
    reply = Reply(port, "HEAD", "/file/room.jpg")
    assert (reply.status, reply.headers["content-length"], reply.body) == (200, "256000", b"")


def test_a_file_that_the_browser_has_is_not_sent_again(port: int) -> None:
    etag = Reply(port, "GET", "/file/room.jpg").headers["etag"]
    reply = Reply(port, "GET", "/file/room.jpg", headers={"If-None-Match": etag})
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["cache-control"] == "max-age=600"


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "gone.jpg"])
def test_only_files_under_the_root_leave(port: int, name: str) -> None:
    assert Reply(port, "GET", f"/file/{name}").status == 404
