"""Hosts who send photos to a site that dies under them, and what has become of those."""

from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from random import Random
from threading import Thread
import time

from django.conf import settings

from ghar.properties.models import Property, PropertyMedia
from ghar.properties.services.media import original_path
from tests.factories import ApiTokenFactory, bearer
from tests.faults.processes import PATIENCE
from tests.serving.servers import Reply

# What the pictures show plays no part: no worker looks at them.
JPEG = b"\xff\xd8\xff"
BOUNDARY = "between"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
SHORT_PAUSE = 0.01


def a_photo(size: int, *, seed: int = 0) -> bytes:
    return JPEG + Random(seed).randbytes(size - len(JPEG))


class Host:
    """Sends photos of one listing by the API."""

    def __init__(self, port: int, listing: Property) -> None:
        self._port, self._path = port, f"/api/v1/properties/{listing.pk}/media"
        self._token = bearer(ApiTokenFactory(user=listing.owner))

    def send(self, photo: bytes, *, key: str, chunks: int = 1) -> Reply:
        """In so many chunks with a short pause after each; OSError or HTTPException if cut off."""
        body = form_of(photo)
        headers = {
            "Authorization": self._token,
            "Idempotency-Key": key,
            "Content-Type": MULTIPART,
            "Content-Length": str(len(body)),
        }
        paced = _paced(body, chunks)
        return Reply(self._port, "POST", self._path, body=paced, headers=headers)


class Uploads(Thread):
    """One photo after the other; each is sent again, with the same key, until it is acknowledged."""

    def __init__(self, host: Host, photos: list[bytes]) -> None:
        super().__init__(daemon=True)
        self._host, self._photos = host, photos
        self.acknowledged: dict[str, bytes] = {}
        self.interrupted = 0
        self.unexpected: list[str] = []
        self.start()

    def run(self) -> None:
        for number, photo in enumerate(self._photos):
            while not self._is_acknowledged(photo, key=f"photo-{number}"):
                self.interrupted += 1
                time.sleep(SHORT_PAUSE)

    def finish(self) -> None:
        self.join(PATIENCE)
        assert not self.is_alive(), "the site did not come back"

    def _is_acknowledged(self, photo: bytes, *, key: str) -> bool:
        try:
            reply = self._host.send(photo, key=key, chunks=20)
        except (OSError, HTTPException):
            return False
        if reply.status == 202:
            self.acknowledged[reply.json()["id"]] = photo
            return True
        # The transaction of the process that was killed may still be there.
        if b"IN_PROGRESS" not in reply.body:
            self.unexpected.append(f"{reply.status} {reply.body[:300]!r}")
        return bool(self.unexpected)


def kept() -> dict[str, bytes]:
    """What the rows say and the files hold."""
    return {str(row.pk): original_path(row).read_bytes() for row in PropertyMedia.objects.all()}


def folders() -> set[str]:
    """Those of all pictures on the disk, as the rows name them."""
    root = Path(settings.MEDIA_ROOT)
    return {str(folder.relative_to(root)) for folder in root.glob("??/*")}


def named_folders() -> set[str]:
    return set(PropertyMedia.objects.values_list("folder", flat=True))


def form_of(photo: bytes, **fields: str) -> bytes:
    """The body of MULTIPART."""
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n'
        for name, said in fields.items()
    )
    head += (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()


def _paced(body: bytes, chunks: int) -> Iterator[bytes]:
    size = len(body) // chunks + 1
    for start in range(0, len(body), size):
        yield body[start : start + size]
        if chunks > 1:
            time.sleep(SHORT_PAUSE)
