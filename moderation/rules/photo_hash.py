"""One picture as two perceptual hashes, and when two pictures are the same.

The 64-bit hash finds, the 256-bit hash decides. Indexing and asking use the same code; a change
here needs a new ALGO_VERSION and a new index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from PIL import Image, ImageStat

from moderation.rules.limits import DetectionSettings

if TYPE_CHECKING:
    import numpy as np

ALGO_VERSION: Final = 1

Verdict = Literal["strong", "weak"]

_WORKING_SIZE: Final = (256, 256)
_TURNS: Final = tuple(Image.Transpose)
# A line is border while at least the share of it is as plain as the outermost line. All of it: a
# frame. Most of it: a screenshot, whose bars hold icons; that one may cut into a plain sky.
_BORDER_TOLERANCE: Final = 12
_FRAME_SHARE: Final = 0.98
_SCREENSHOT_SHARE: Final = 0.80
_LEAST_KEPT: Final = 0.08

_Box = tuple[int, int, int, int]


class Hashes(Protocol):
    """What a stored row and a fresh picture have in common."""

    @property
    def ph64(self) -> int: ...

    @property
    def ph256(self) -> bytes: ...

    @property
    def low_information(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class PhotoHashes:
    """`ph64` is the search key: the bits of `phash_hex` in the index's order, as a signed bigint."""

    ph64: int
    ph256: bytes
    phash_hex: str
    low_information: bool


def query_variants(
    image: Image.Image, limits: DetectionSettings | None = None
) -> list[PhotoHashes]:
    """The hashes to search for: as is first (it is what the index holds), then turned, mirrored and
    without its border.

    All from one decode: the hash of a turned thumb equals the hash of the turned picture, which
    turning the bits of a hash does not.
    """
    limits = limits or DetectionSettings()
    variants = [thumbs.hashes(limits) for thumbs in _variant_thumbs(_working(image))]
    return list(dict.fromkeys(variants))


def distance64(one: Hashes, other: Hashes) -> int:
    return ((one.ph64 ^ other.ph64) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def distance256(one: Hashes, other: Hashes) -> int:
    return (int.from_bytes(one.ph256) ^ int.from_bytes(other.ph256)).bit_count()


def compare(
    query: Hashes, candidate: Hashes, corpus_size: int, limits: DetectionSettings | None = None
) -> Verdict | None:
    """Strong: the same picture. Weak: likely, counts only with a second one. None: no evidence."""
    limits = limits or DetectionSettings()
    if query.low_information or candidate.low_information:
        return None
    near, distance = distance64(query, candidate), distance256(query, candidate)
    if near <= limits.search_radius(corpus_size) and distance <= limits.strong_bound(corpus_size):
        return "strong"
    return "weak" if near <= limits.retrieval_radius and distance <= limits.weak_bound else None


@dataclass(frozen=True)
class _Thumbs:
    """A picture in the two grey sizes that its two hashes are taken from."""

    small: Image.Image
    large: Image.Image

    @classmethod
    def of(cls, image: Image.Image) -> "_Thumbs":
        return cls(
            image.resize((32, 32), Image.Resampling.LANCZOS),
            image.resize((64, 64), Image.Resampling.LANCZOS),
        )

    def turned(self, turn: Image.Transpose) -> "_Thumbs":
        return _Thumbs(self.small.transpose(turn), self.large.transpose(turn))

    def hashes(self, limits: DetectionSettings) -> PhotoHashes:
        bits = _phash(self.small, 8)
        deviation = ImageStat.Stat(self.large).stddev[0]
        return PhotoHashes(
            ph64=_search_key(int.from_bytes(bits)),
            ph256=_phash(self.large, 16),
            phash_hex=bits.hex(),
            low_information=deviation < limits.low_information_deviation,
        )


def _variant_thumbs(grey: Image.Image) -> Iterator[_Thumbs]:
    whole = _Thumbs.of(grey)
    yield whole
    yield from (whole.turned(turn) for turn in _TURNS)
    for box in _inner_boxes(grey):
        inner = _Thumbs.of(grey.crop(box))
        yield inner
        yield inner.turned(Image.Transpose.FLIP_LEFT_RIGHT)


def _working(image: Image.Image) -> Image.Image:
    """Grey, and for a large JPEG decoded at a fraction of its size: 12 ms instead of 167."""
    image.draft("L", _WORKING_SIZE)
    return image.convert("L")


def _phash(thumb: Image.Image, size: int) -> bytes:
    """imagehash's DCT hash, `size` squared bits, most significant first as its text form has."""
    import imagehash  # noqa: PLC0415 -- brings scipy: only the worker that hashes pays for it

    return bytes.fromhex(str(imagehash.phash(thumb, hash_size=size)))


def _inner_boxes(grey: Image.Image) -> list[_Box]:
    """Where the picture lies inside a frame or a screenshot; none where there is no border."""
    import numpy as np  # noqa: PLC0415 -- as above

    pixels = np.asarray(grey, dtype=np.int16)
    boxes = []
    for share in (_FRAME_SHARE, _SCREENSHOT_SHARE):
        top, bottom = _content(pixels, share)
        left, right = _content(pixels[top:bottom].T, share)
        boxes.append((left, top, right, bottom))
    return [box for box in dict.fromkeys(boxes) if _is_inner(box, grey)]


def _is_inner(box: _Box, grey: Image.Image) -> bool:
    left, top, right, bottom = box
    kept = (right - left) * (bottom - top) / (grey.width * grey.height)
    return _LEAST_KEPT <= kept < 1


def _content(lines: "np.ndarray", share: float) -> tuple[int, int]:
    """First and one past the last line that is not border; all of them if nothing is left."""
    before, after = _border(lines, share), _border(lines[::-1], share)
    return (before, len(lines) - after) if before + after < len(lines) else (0, len(lines))


def _border(lines: "np.ndarray", share: float) -> int:
    """How many lines from the first on are as plain as it."""
    import numpy as np  # noqa: PLC0415 -- as above

    plain = np.abs(lines - np.median(lines[0])) <= _BORDER_TOLERANCE
    return int(np.argmin(np.append(plain.mean(axis=1) >= share, False)))


def _search_key(value: int) -> int:
    """The bits in a fixed spread order: neighbours of a phash agree, bands must be independent."""
    key = 0
    for place in range(64):
        key = key << 1 | value >> place * 37 % 64 & 1
    return key - (1 << 64) if key >> 63 else key
