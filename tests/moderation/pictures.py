"""Pictures that no two tests share: drawn, busy enough to be hashed, cheap."""

from io import BytesIO
import random

from PIL import Image, ImageDraw, ImageFilter


def draw(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """A "room" of its own for each seed."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, _colour(chance))
    canvas = ImageDraw.Draw(image)
    for _ in range(14):
        corner = [chance.randrange(size[0]), chance.randrange(size[1])]
        far = [corner[0] + chance.randrange(40, 260), corner[1] + chance.randrange(40, 220)]
        shape = chance.choice([canvas.rectangle, canvas.ellipse])
        shape([*corner, *far], fill=_colour(chance))
    return image.filter(ImageFilter.GaussianBlur(2))


def resaved(image: Image.Image, *, scale: float = 0.7, quality: int = 60) -> Image.Image:
    """The same picture, smaller and compressed again, as it travels through messengers."""
    smaller = image.resize([round(side * scale) for side in image.size])
    return Image.open(BytesIO(as_jpeg(smaller, quality)))


def as_jpeg(image: Image.Image, quality: int = 92) -> bytes:
    out = BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return (chance.randrange(256), chance.randrange(256), chance.randrange(256))
