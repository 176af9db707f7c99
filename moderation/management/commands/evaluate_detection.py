"""How well the photo rules find reposts, measured on a folder of real photos.

Files are named HOUSE_anything.jpg; photos of one house are one listing. Needs no database.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
import datetime as dt
from io import BytesIO
import json
from pathlib import Path
from random import Random
import re
from statistics import mean
from time import perf_counter
from typing import Any, Final
import uuid

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
import numpy as np
from PIL import Image

from moderation.management.photo_edits import EDITS
from moderation.rules.facts import ListingFacts, PhotoMatch
from moderation.rules.limits import DetectionSettings
from moderation.rules.photo_hash import PhotoHashes, compare, distance256, query_variants
from moderation.rules.photos import photo_reasons

# Known pairs of "houses" that show the same house or share photos: finding them is no mistake.
SAME_HOUSES: Final = frozenset(
    frozenset(pair)
    for pair in (
        (199, 214), (59, 72), (9, 21), (259, 296), (271, 305),
        (292, 293), (331, 351), (11, 30), (12, 32), (10, 27),
    )
)  # fmt: skip
_UNEDITED: Final = "unedited"
_THEN: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Photo:
    house: int
    path: Path


@dataclass(frozen=True)
class Hashed:
    """One photo: the variants to search for, of each edit, and the mean time that took."""

    queries: dict[str, list[PhotoHashes]]
    ms: float


@dataclass(frozen=True)
class Evaluation:
    recall: dict[str, float]
    false_hold_share: float
    listing_recall: float
    one_of_four_recall: float
    ms_per_photo: float


class Index:
    """All photos as they are, searched exactly."""

    def __init__(self, photos: Sequence[Photo], hashed: Sequence[Hashed]) -> None:
        self.photos = photos
        self.limits = DetectionSettings(**settings.DETECTION)
        self.hashes = [one.queries[_UNEDITED][0] for one in hashed]
        self._keys = np.array([one.ph64 for one in self.hashes], dtype=np.int64)

    def matches(self, asking: int, variants: Iterable[PhotoHashes]) -> list[PhotoMatch]:
        """What the product would be told about photo number `asking`, by the same rule."""
        radius = self.limits.search_radius(len(self.hashes))
        found = []
        for variant in variants:
            distances = np.bitwise_count((self._keys ^ np.int64(variant.ph64)).view(np.uint64))
            for number in np.flatnonzero(distances <= radius):
                verdict = compare(variant, self.hashes[number], len(self.hashes), self.limits)
                if verdict:
                    distance = distance256(variant, self.hashes[number])
                    found.append(self._match(asking, int(number), verdict, distance))
        return found

    def _match(self, asking: int, number: int, verdict: Any, distance: int) -> PhotoMatch:
        house = uuid.UUID(int=self.photos[number].house)
        return PhotoMatch(
            media_id=uuid.UUID(int=asking),
            other_media_id=uuid.UUID(int=number),
            other_listing_id=house,
            other_owner_id=house,
            verdict=verdict,
            distance=distance,
            shown_at=None,
            other_shown_at=_THEN,
        )


class Command(BaseCommand):
    help = "Measure on a folder of photos how well edited reposts are found."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--photos", type=Path, required=True, help="folder of HOUSE_*.jpg")
        parser.add_argument("--houses", help="only these, for example 1-100")
        parser.add_argument("--json", type=Path, help="write the result to this file too")

    def handle(self, **options: Any) -> None:
        photos = _photos(options["photos"], options["houses"])
        with ProcessPoolExecutor() as pool:
            hashed = list(pool.map(_hash_all, photos, chunksize=4))
        result = evaluate(photos, hashed)
        self._print(result, len(photos))
        if options["json"]:
            options["json"].write_text(json.dumps(asdict(result), indent=2) + "\n")

    def _print(self, result: Evaluation, count: int) -> None:
        rows = {f"recall {kind}": share for kind, share in result.recall.items()} | {
            "a listing of edited reposts is held": result.listing_recall,
            "one edited repost alone is held": result.one_of_four_recall,
            "an honest listing is held": result.false_hold_share,
        }
        for name, share in rows.items():
            self.stdout.write(f"{name:40} {share:8.2%}")
        self.stdout.write(f"{'milliseconds a photo':40} {result.ms_per_photo:8.1f}")
        self.stdout.write(f"{'photos':40} {count:8}")


def evaluate(photos: Sequence[Photo], hashed: Sequence[Hashed]) -> Evaluation:
    index = Index(photos, hashed)
    found = {
        (number, kind): index.matches(number, variants)
        for number, one in enumerate(hashed)
        for kind, variants in one.queries.items()
    }
    houses: dict[int, list[int]] = defaultdict(list)
    for number, photo in enumerate(photos):
        houses[photo.house].append(number)
    strong = {key: _finds(matches, photos[key[0]].house) for key, matches in found.items()}
    return Evaluation(
        recall={kind: mean(strong[n, kind] for n in range(len(photos))) for kind in EDITS},
        false_hold_share=mean(
            _holds_honest(house, ns, found, index) for house, ns in houses.items()
        ),
        listing_recall=mean(
            _holds_repost(house, [m for n in ns for m in found[n, kind]], index)
            for house, ns in houses.items()
            for kind in EDITS
        ),
        one_of_four_recall=mean(
            _holds_repost(photo.house, found[n, kind], index)
            for n, photo in enumerate(photos)
            for kind in EDITS
        ),
        ms_per_photo=mean(one.ms for one in hashed),
    )


def _finds(matches: list[PhotoMatch], house: int) -> bool:
    return any(m.verdict == "strong" and m.other_listing_id.int == house for m in matches)


def _holds_honest(
    house: int, numbers: list[int], found: dict[tuple[int, str], list[PhotoMatch]], index: Index
) -> bool:
    """The listing as its owner posts it, against all other houses."""
    same = {other for pair in SAME_HOUSES if house in pair for other in pair} | {house}
    matches = [
        m for n in numbers for m in found[n, _UNEDITED] if m.other_listing_id.int not in same
    ]
    return _is_held(uuid.UUID(int=house), matches, index)


def _holds_repost(house: int, matches: list[PhotoMatch], index: Index) -> bool:
    """Somebody else's listing with these photos, judged by the house they are from alone."""
    ours = [m for m in matches if m.other_listing_id.int == house]
    return _is_held(uuid.uuid4(), ours, index)


def _is_held(listing_id: uuid.UUID, matches: list[PhotoMatch], index: Index) -> bool:
    listing = ListingFacts(id=listing_id, owner_id=listing_id)
    reasons = photo_reasons(listing, matches, index.limits)
    return any(reason.weight >= index.limits.high_from for reason in reasons)


def _photos(folder: Path, houses: str | None) -> list[Photo]:
    first, last = _range(houses)
    photos = [
        Photo(int(name[1]), path)
        for path in sorted(folder.iterdir())
        if (name := re.fullmatch(r"(\d+)_.+\.(?:jpe?g|png|webp)", path.name, re.IGNORECASE))
        and first <= int(name[1]) <= last
    ]
    if not photos:
        raise CommandError(f"No photos named HOUSE_*.jpg of these houses in {folder}.")
    return photos


def _range(houses: str | None) -> tuple[int, float]:
    if houses is None:
        return 0, float("inf")
    given = re.fullmatch(r"(\d+)(?:-(\d+))?", houses)
    if not given:
        raise CommandError("--houses is a range such as 1-100.")
    return int(given[1]), int(given[2] or given[1])


def _hash_all(photo: Photo) -> Hashed:
    random = Random(photo.path.name)
    with Image.open(photo.path) as opened:
        image = opened.convert("RGB")
    files = {_UNEDITED: photo.path.read_bytes()} | {
        kind: edit(image, random) for kind, edit in EDITS.items()
    }
    started = perf_counter()
    queries = {kind: query_variants(Image.open(BytesIO(file))) for kind, file in files.items()}
    return Hashed(queries, (perf_counter() - started) / len(files) * 1000)
