"""Pictures from strangers, made safe: what leaves here was painted anew on a fresh canvas.

No Django at import time: the same module is the short-lived child process that decodes one file
under a memory and a time limit (`python -m ghar.properties.images SOURCE TARGET_DIR`), so that a
hostile picture can at worst end that child.
"""

from dataclasses import dataclass
from io import BytesIO
import json
from pathlib import Path
import resource
import subprocess
import sys
from typing import IO, Final

from PIL import Image, ImageOps

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MIN_SIDE: Final = 200
MAX_SIDE: Final = 12_000
MAX_PIXELS: Final = 40_000_000
# Long sides in pixels; a smaller original keeps its size. The largest first: each is made from
# the one before.
SIZES: Final = {"large": 2560, "medium": 960, "small": 320}
JPEG_QUALITY: Final = 82

# The heaviest accepted picture (40 Mpx of lossless WebP with alpha) needs 0.75 GB of address space.
MEMORY_LIMIT: Final = 1024**3
TIME_LIMIT: Final = 20
_ROOT: Final = Path(__file__).resolve().parents[2]


def _(text: str) -> str:
    """Mark for translation; ImageRejected translates when it is read."""
    return text


MESSAGES: Final = {
    "IMAGE_FORMAT": _("Please send a JPEG, PNG or WebP picture."),
    "IMAGE_BROKEN": _("This picture could not be opened. Please save it again and retry."),
    "IMAGE_TOO_SMALL": _(
        "This picture is very small. Please send one of at least 200 pixels a side."
    ),
    "IMAGE_TOO_LARGE": _(
        "This picture has too many pixels. Please send one of at most 40 megapixels."
    ),
    "IMAGE_ANIMATED": _("Moving pictures cannot be used here. Please send a still one."),
    "IMAGE_TOO_SLOW": _("This picture took too long to open. Please save it again and retry."),
}


class ImageRejected(Exception):
    """A picture that is not taken. `code` is a key of MESSAGES and is what a row stores."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(MESSAGES[code])

    @property
    def message(self) -> str:
        """The kind sentence for the uploader, in the reader's language."""
        return rejection_message(self.code)


def rejection_message(code: str) -> str:
    from django.utils.translation import gettext  # noqa: PLC0415 -- the child has no Django

    return gettext(MESSAGES.get(code, MESSAGES["IMAGE_BROKEN"]))


class NotWritten(Exception):
    """The disk did not take the clean files, which says nothing about the picture."""


@dataclass(frozen=True)
class CleanImage:
    """`files` maps each name of SIZES to JPEG bytes; width and height are those of `large`."""

    width: int
    height: int
    files: dict[str, bytes]


@dataclass(frozen=True)
class CleanFiles:
    """The same on disk, as the child process left it."""

    width: int
    height: int
    files: dict[str, Path]


def sniff(first_bytes: bytes) -> str | None:
    """JPEG, PNG or WEBP by the first 12 bytes; None for anything else, whatever its name says."""
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if first_bytes[:4] == b"RIFF" and first_bytes[8:12] == b"WEBP":
        return "WEBP"
    return None


def clean_image(source: bytes | Path | IO[bytes]) -> CleanImage:
    """Three JPEG sizes without metadata, upright, on white. Raises ImageRejected."""
    stream = BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(stream, formats=FORMATS) as image:
            _check(image)
            return _three_sizes(_painted(image))
    except ImageRejected:
        raise
    except Image.DecompressionBombError as error:
        raise ImageRejected("IMAGE_TOO_LARGE") from error
    except MemoryError as error:
        raise ImageRejected("IMAGE_TOO_LARGE") from error
    except Exception as error:  # decoders raise nearly anything on a damaged file
        raise ImageRejected("IMAGE_BROKEN") from error


def clean_in_subprocess(source: Path, target_dir: Path) -> CleanFiles:
    """`clean_image` in a process of its own, its files written to `target_dir`.

    A plain subprocess because Celery's prefork workers are daemonic and may not fork further
    through multiprocessing. Raises ImageRejected, or NotWritten; the child's crash is a broken
    picture.
    """
    command = [sys.executable, "-m", __name__, str(source.resolve()), str(target_dir.resolve())]
    try:
        # No shell, our own paths; and no environment, which holds the secrets of the installation.
        child = subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=TIME_LIMIT, check=False, cwd=_ROOT, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise ImageRejected("IMAGE_TOO_SLOW") from error
    if child.returncode != 0:
        raise ImageRejected("IMAGE_BROKEN")
    answer = json.loads(child.stdout)
    if "not_written" in answer:
        raise NotWritten(answer["not_written"])
    if "rejected" in answer:
        raise ImageRejected(answer["rejected"])
    files = {name: target_dir / f"{name}.jpg" for name in SIZES}
    return CleanFiles(answer["width"], answer["height"], files)


def _check(image: Image.Image) -> None:
    """Judge by the header alone; nothing has been decoded yet."""
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        raise ImageRejected("IMAGE_TOO_SMALL")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ImageRejected("IMAGE_TOO_LARGE")
    # A phone's JPEG may carry a second frame (depth, gain map); the first is the picture.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise ImageRejected("IMAGE_ANIMATED")


def _painted(image: Image.Image) -> Image.Image:
    """Upright RGB pixels of at most the largest size, and nothing else of the file."""
    largest = SIZES["large"]
    orientation = image.getexif().get(0x0112, 1)
    image.draft("RGB", (largest, largest))
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode not in ("L", "RGB", "RGBA", "LA"):
        image = image.convert("RGB")
    image.thumbnail((largest, largest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A") if image.has_transparency_data else None)
    canvas.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(canvas)


def _three_sizes(image: Image.Image) -> CleanImage:
    width, height = image.size
    files = {}
    for name, side in SIZES.items():
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = BytesIO()
        image.save(out, "JPEG", quality=JPEG_QUALITY)
        files[name] = out.getvalue()
    return CleanImage(width, height, files)


def _answer(source: Path, target_dir: Path) -> dict[str, int | str]:
    try:
        clean = clean_image(source)
    except ImageRejected as rejected:
        return {"rejected": rejected.code}
    files = {target_dir / f"{name}.jpg": content for name, content in clean.files.items()}
    try:
        for path, content in files.items():
            path.write_bytes(content)
    except OSError as error:
        for path in files:
            path.unlink(missing_ok=True)
        return {"not_written": str(error)}
    return {"width": clean.width, "height": clean.height}


def main(arguments: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    # The parent may die first; then this is what ends the child.
    resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT, TIME_LIMIT))
    source, target_dir = map(Path, arguments)
    sys.stdout.write(json.dumps(_answer(source, target_dir)))


if __name__ == "__main__":
    main(sys.argv[1:])
