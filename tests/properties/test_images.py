import contextlib
from io import BytesIO
import os
from pathlib import Path
from random import Random
import struct
import zlib

from PIL import Image, PngImagePlugin
import pytest

from ghar.properties import images
from ghar.properties.images import (
    ImageRejected,
    NotWritten,
    clean_image,
    clean_in_subprocess,
    sniff,
)


def file_of(image: Image.Image, codec: str = "JPEG", **options) -> bytes:
    out = BytesIO()
    image.save(out, codec, **options)
    return out.getvalue()


def plain(size=(640, 480), colour="teal", mode="RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises that many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("codec", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_known_by_their_first_bytes(codec):
    assert sniff(file_of(plain(), codec)[:12]) == codec


@pytest.mark.parametrize("codec", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_not_known(codec):
    content = file_of(plain(), codec)
    assert sniff(content[:12]) is None
    with pytest.raises(ImageRejected) as refusal:
        clean_image(content)
    assert refusal.value.code == "IMAGE_BROKEN"


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"RIFF1234WAVE"])
def test_text_and_sound_are_not_known(content):
    assert sniff(content) is None


def test_three_sizes_are_made_with_their_long_sides():
    clean = clean_image(file_of(plain((3000, 1500))))
    sizes = {name: opened(content).size for name, content in clean.files.items()}
    assert sizes == {"large": (2560, 1280), "medium": (960, 480), "small": (320, 160)}
    assert (clean.width, clean.height) == (2560, 1280)


def test_a_small_picture_is_not_blown_up():
    clean = clean_image(file_of(plain((400, 300))))
    assert {opened(content).size for content in clean.files.values()} == {(400, 300), (320, 240)}


def test_nothing_but_pixels_comes_out():
    exif = Image.Exif()
    exif[0x010E] = "SECRET-STREET 5"
    exif.get_ifd(0x8825)[2] = (1.0, 56.0, 0.0)
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>SECRET</script>")
    sources = (
        file_of(plain(), exif=exif, comment=b"SECRET", icc_profile=b"SECRET"),
        file_of(plain(), "PNG", pnginfo=info, exif=exif),
        file_of(plain(), "WEBP", exif=exif, xmp=b"SECRET"),
        file_of(plain()) + b"SECRET after the end",
    )
    for source in sources:
        assert b"SECRET" in source
        for content in clean_image(source).files.values():
            assert b"SECRET" not in content
            picture = opened(content)
            assert dict(picture.getexif()) == {}
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_image(file_of(plain((640, 480)), exif=exif))
    assert (clean.width, clean.height) == (480, 640)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_white(mode):
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0)).convert(mode)
    picture = opened(clean_image(file_of(clear, "PNG")).files["large"])
    assert picture.getpixel((150, 150)) == (255, 255, 255)


def test_a_palette_with_a_clear_colour_becomes_white():
    picture = plain(mode="P", colour=0)
    picture.putpalette([0, 0, 0] * 256)
    content = file_of(picture, "PNG", transparency=0)
    assert opened(clean_image(content).files["large"]).getpixel((9, 9)) == (255, 255, 255)


def test_sixteen_bits_and_print_colours_are_read():
    grey = Image.frombytes("I;16", (300, 300), struct.pack("<H", 128 << 8) * 90_000)
    picture = opened(clean_image(file_of(grey, "PNG")).files["large"])
    assert picture.getpixel((9, 9)) == (128, 128, 128)
    print_colours = opened(clean_image(file_of(plain(mode="CMYK", colour=0))).files["large"])
    assert print_colours.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (file_of(plain((199, 600))), "IMAGE_TOO_SMALL"),
        (png_claiming(12_001, 300), "IMAGE_TOO_LARGE"),
        (png_claiming(8_000, 6_000), "IMAGE_TOO_LARGE"),
        (png_claiming(60_000, 60_000), "IMAGE_TOO_LARGE"),
        (png_claiming(640, 480), "IMAGE_BROKEN"),
        (file_of(plain())[:500], "IMAGE_BROKEN"),
        (b"hello, I am a text", "IMAGE_BROKEN"),
        (b"", "IMAGE_BROKEN"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_code(content, code):
    with pytest.raises(ImageRejected) as refusal:
        clean_image(content)
    assert refusal.value.code == code
    assert refusal.value.message == images.MESSAGES[code]


@pytest.mark.parametrize("codec", ["PNG", "WEBP"])
def test_moving_pictures_are_refused(codec):
    frames = [plain(colour="red"), plain(colour="blue")]
    content = file_of(frames[0], codec, save_all=True, append_images=frames[1:], duration=50)
    with pytest.raises(ImageRejected) as refusal:
        clean_image(content)
    assert refusal.value.code == "IMAGE_ANIMATED"


def test_a_phone_picture_with_a_second_frame_is_taken():
    content = file_of(plain(colour="red"), "MPO", save_all=True, append_images=[plain()])
    assert sniff(content) == "JPEG"
    assert clean_image(content).width == 640


def test_damaged_files_are_taken_or_refused_but_never_crash():
    random = Random(8)
    whole = [file_of(Image.effect_noise((220, 220), 60), codec) for codec in images.FORMATS]
    for number in range(150):
        content = bytearray(whole[number % 3])
        for _ in range(random.randint(1, 12)):
            content[random.randrange(len(content))] = random.randrange(256)
        with contextlib.suppress(ImageRejected):
            clean_image(bytes(content[: random.randint(200, len(content))]))


def test_a_child_process_leaves_the_three_files(tmp_path: Path):
    source = tmp_path / "upload"
    source.write_bytes(file_of(plain((1200, 900))))
    clean = clean_in_subprocess(source, tmp_path)
    assert (clean.width, clean.height) == (1200, 900)
    assert {name: Image.open(path).size for name, path in clean.files.items()} == {
        "large": (1200, 900),
        "medium": (960, 720),
        "small": (320, 240),
    }


def test_a_child_process_reports_why_it_refused(tmp_path: Path):
    source = tmp_path / "upload"
    source.write_bytes(file_of(plain((100, 100))))
    with pytest.raises(ImageRejected) as refusal:
        clean_in_subprocess(source, tmp_path)
    assert refusal.value.code == "IMAGE_TOO_SMALL"
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_a_child_that_dies_means_a_broken_picture(tmp_path: Path):
    with pytest.raises(ImageRejected) as refusal:
        clean_in_subprocess(tmp_path / "upload", tmp_path / "no such folder")
    assert refusal.value.code == "IMAGE_BROKEN"


def test_a_child_that_cannot_write_says_so_of_the_disk_and_leaves_nothing(tmp_path: Path):
    source = tmp_path / "upload"
    source.write_bytes(file_of(plain()))
    (tmp_path / "small.jpg").symlink_to(tmp_path / "no such folder" / "small.jpg")
    with pytest.raises(NotWritten):
        clean_in_subprocess(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = tmp_path / "upload"
    os.mkfifo(source)
    monkeypatch.setattr(images, "TIME_LIMIT", 1)
    with pytest.raises(ImageRejected) as refusal:
        clean_in_subprocess(source, tmp_path)
    assert refusal.value.code == "IMAGE_TOO_SLOW"


def test_the_largest_accepted_picture_fits_into_the_childs_memory(tmp_path: Path):
    source = tmp_path / "upload"
    source.write_bytes(file_of(plain((8000, 5000), (9, 9, 9, 9), "RGBA"), "PNG", compress_level=1))
    assert clean_in_subprocess(source, tmp_path).width == 2560
