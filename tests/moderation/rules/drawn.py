"""Pictures and listings for the tests of rules: drawn and made up, no files, no database."""

from dataclasses import replace
import datetime as dt
from io import BytesIO
from random import Random
import uuid

from PIL import Image, ImageDraw, ImageFilter

from moderation.rules.facts import ListingFacts

DAY = dt.timedelta(days=1)
MONDAY = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


def room(seed: int, size: tuple[int, int] = (720, 480)) -> Image.Image:
    """A picture as rich as a photo; another seed is another picture."""
    random = Random(seed)
    grain = Image.frombytes("RGB", (12, 8), random.randbytes(12 * 8 * 3))
    image = grain.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = random.randrange(size[0]), random.randrange(size[1])
        box = (x, y, x + random.randint(30, 260), y + random.randint(30, 260))
        colour = tuple(random.randrange(256) for _ in range(3))
        random.choice((draw.rectangle, draw.ellipse))(box, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(2))


def file_of(image: Image.Image, codec: str = "JPEG", **options) -> Image.Image:
    """The picture as it is read back from a file."""
    out = BytesIO()
    image.save(out, codec, **options)
    return Image.open(out)


FLAT = ListingFacts(
    id=uuid.UUID(int=1),
    owner_id=uuid.UUID(int=101),
    first_submitted_at=MONDAY,
    property_type="apartment",
    purpose="rent",
    title="Sunny 2BHK near Lake Park",
    description=(
        "Corner flat on a quiet lane with morning sun in both bedrooms, a balcony over the gulmohar "
        "tree, a gas stove and a desk. Water all day, lift with backup, ten minutes to the metro."
    ),
    city="Bengaluru",
    locality="Indiranagar",
    society="Lake View Residency",
    address="14, 100 Feet Rd",
    unit="B-402",
    price_amount=3_200_000,
    currency="INR",
    bedrooms=2,
    bathrooms=2,
    area_sqft=1050,
    latitude=12.9719,
    longitude=77.6412,
    phone_hash="1:a",
    phone_hashes=frozenset({"1:a"}),
    photo_hashes=("aa", "bb", "cc", "dd"),
    photo_count=4,
)


def other(number: int, **changes) -> ListingFacts:
    """Somebody else's listing like FLAT, submitted `number` days after it."""
    ids = {"id": uuid.UUID(int=number), "owner_id": uuid.UUID(int=100 + number)}
    phone = {"phone_hash": f"1:{number}", "phone_hashes": frozenset({f"1:{number}"})}
    later = {"first_submitted_at": MONDAY + (number - 1) * DAY, "photo_hashes": (str(number),)}
    return replace(FLAT, **(ids | phone | later | changes))
