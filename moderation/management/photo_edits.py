"""What reposters do to a photo, for measuring: each edit takes a picture and gives a file.

Random choices (where a crop lies, how loud the noise is) come from the given generator, so that a
measurement can be repeated.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Edit = Callable[[Image.Image, Random], bytes]
Change = Callable[[Image.Image, Random], Image.Image]

_PHONE_SCREEN: Final = (1080, 2280)
_NOISE: Final = 18


def save(image: Image.Image, _random: Random, *, codec: str = "JPEG", quality: int = 85) -> bytes:
    out = BytesIO()
    image.save(out, codec, quality=quality)
    return out.getvalue()


def saved(change: Change) -> Edit:
    """The change, then a usual JPEG: nobody reposts raw pixels."""
    return lambda image, random: save(change(image, random), random)


def scale(image: Image.Image, _random: Random, *, x: float, y: float) -> Image.Image:
    size = (round(image.width * x), round(image.height * y))
    return image.resize(size, Image.Resampling.LANCZOS)


def small_and_rough(image: Image.Image, random: Random) -> bytes:
    return save(scale(image, random, x=0.7, y=0.7), random, quality=60)


def enhance(
    image: Image.Image,
    _random: Random,
    *,
    by: Callable[[Image.Image], ImageEnhance._Enhance],
    factor: float,
) -> Image.Image:
    return by(image).enhance(factor)


def gamma(image: Image.Image, _random: Random, *, power: float) -> Image.Image:
    return image.point([round(255 * (value / 255) ** power) for value in range(256)] * 3)


def warm(image: Image.Image, _random: Random) -> Image.Image:
    red, green, blue = image.split()
    red, blue = red.point(lambda v: min(255, v * 1.15)), blue.point(lambda v: v * 0.85)
    return Image.merge("RGB", (red, green, blue))


def grey(image: Image.Image, _random: Random) -> Image.Image:
    return ImageOps.grayscale(image).convert("RGB")


def blur(image: Image.Image, _random: Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(image.size) / 400))


def noise(image: Image.Image, random: Random) -> Image.Image:
    grain = Image.frombytes("L", image.size, random.randbytes(image.width * image.height))
    return Image.blend(image, grain.convert("RGB"), _NOISE / 255)


def watermark(image: Image.Image, _random: Random) -> Image.Image:
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    font = ImageFont.load_default(size=image.width // 12)
    centre = (image.width / 2, image.height / 2)
    ImageDraw.Draw(layer).text(centre, "HOMES.EXAMPLE", (255, 255, 255, 120), font, "mm")
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def logo(image: Image.Image, random: Random) -> Image.Image:
    image, side = image.copy(), round(min(image.size) * 0.22)
    margin = side // 6
    left = random.choice((margin, image.width - side - margin))
    top = random.choice((margin, image.height - side - margin))
    draw = ImageDraw.Draw(image)
    draw.ellipse((left, top, left + side, top + side), fill=(200, 30, 40))
    font = ImageFont.load_default(size=side // 2)
    draw.text((left + side / 2, top + side / 2), "AB", "white", font, "mm")
    return image


def banner(image: Image.Image, _random: Random) -> Image.Image:
    image, top = image.copy(), round(image.height * 0.88)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, top, image.width, image.height), fill=(20, 40, 90))
    font = ImageFont.load_default(size=(image.height - top) // 2)
    draw.text((image.width / 2, (top + image.height) / 2), "CALL FOR VISIT", "white", font, "mm")
    return image


def border(image: Image.Image, _random: Random, *, share: float, colour: str) -> Image.Image:
    return ImageOps.expand(image, round(max(image.size) * share), colour)


def tilt(image: Image.Image, random: Random, *, degrees: float) -> Image.Image:
    return image.rotate(random.choice((-degrees, degrees)), Image.Resampling.BICUBIC)


def crop(image: Image.Image, random: Random, *, share: float) -> Image.Image:
    """That share of each side away, the rest anywhere."""
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    left, top = random.randint(0, image.width - width), random.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def mirrored_crop(image: Image.Image, random: Random, *, share: float) -> Image.Image:
    return ImageOps.mirror(crop(image, random, share=share))


def turn(image: Image.Image, _random: Random, *, how: Image.Transpose) -> Image.Image:
    return image.transpose(how)


def screenshot(image: Image.Image, random: Random) -> Image.Image:
    """The photo in a phone's gallery: a status bar, buttons below, black or white around."""
    paper, ink = random.choice((("black", "white"), ("white", "black")))
    screen = Image.new("RGB", _PHONE_SCREEN, paper)
    fitted = ImageOps.contain(image, (_PHONE_SCREEN[0], _PHONE_SCREEN[1] - 500))
    screen.paste(fitted, ((1080 - fitted.width) // 2, (2280 - fitted.height) // 2))
    draw, font = ImageDraw.Draw(screen), ImageFont.load_default(size=40)
    draw.text((40, 25), "14:07", ink, font)
    draw.text((850, 25), "4G  81%", ink, font)
    for centre in (200, 540, 880):
        draw.ellipse((centre - 30, 2150, centre + 30, 2210), outline=ink, width=5)
    return screen


EDITS: Final[dict[str, Edit]] = {
    **{f"jpeg_q{q}": partial(save, quality=q) for q in (90, 75, 60, 45, 30)},
    "webp_q75": partial(save, codec="WEBP", quality=75),
    "webp_q40": partial(save, codec="WEBP", quality=40),
    "png": partial(save, codec="PNG"),
    "scale_70_q60": small_and_rough,
    "scale_50": saved(partial(scale, x=0.5, y=0.5)),
    "scale_35": saved(partial(scale, x=0.35, y=0.35)),
    "scale_150": saved(partial(scale, x=1.5, y=1.5)),
    "stretch_10": saved(partial(scale, x=1.1, y=1.0)),
    "brighter": saved(partial(enhance, by=ImageEnhance.Brightness, factor=1.3)),
    "darker": saved(partial(enhance, by=ImageEnhance.Brightness, factor=0.7)),
    "more_contrast": saved(partial(enhance, by=ImageEnhance.Contrast, factor=1.4)),
    "less_contrast": saved(partial(enhance, by=ImageEnhance.Contrast, factor=0.7)),
    "more_colour": saved(partial(enhance, by=ImageEnhance.Color, factor=1.5)),
    "gamma": saved(partial(gamma, power=0.7)),
    "warm": saved(warm),
    "grey": saved(grey),
    "sharper": saved(partial(enhance, by=ImageEnhance.Sharpness, factor=2.5)),
    "blur": saved(blur),
    "noise": saved(noise),
    "watermark": saved(watermark),
    "logo": saved(logo),
    "banner": saved(banner),
    "mirror": saved(partial(turn, how=Image.Transpose.FLIP_LEFT_RIGHT)),
    "border_white_3": saved(partial(border, share=0.03, colour="white")),
    "border_black_8": saved(partial(border, share=0.08, colour="black")),
    "tilt_2": saved(partial(tilt, degrees=2)),
    "rotate_90": saved(partial(turn, how=Image.Transpose.ROTATE_90)),
    "rotate_180": saved(partial(turn, how=Image.Transpose.ROTATE_180)),
    "rotate_270": saved(partial(turn, how=Image.Transpose.ROTATE_270)),
    **{f"crop_{p}": saved(partial(crop, share=p / 100)) for p in (5, 10, 15, 20)},
    "crop_10_mirror": saved(partial(mirrored_crop, share=0.10)),
    "screenshot": saved(screenshot),
}
