from io import BytesIO
from random import Random

import imagehash
from PIL import Image, ImageOps
import pytest

from moderation.management.photo_edits import EDITS
from moderation.rules.limits import DetectionSettings
from moderation.rules.photo_hash import (
    PhotoHashes,
    compare,
    distance64,
    distance256,
    query_variants,
)
from tests.moderation.rules.drawn import file_of, room

LIMITS = DetectionSettings()
T = Image.Transpose
QUARTER_TURNS = {T.ROTATE_90, T.ROTATE_270, T.TRANSPOSE, T.TRANSVERSE}


def hashes(ph64: int = 0, distance: int = 0, *, low_information: bool = False) -> PhotoHashes:
    return PhotoHashes(ph64, ((1 << distance) - 1).to_bytes(32), "", low_information)


def hash_photo(image: Image.Image) -> PhotoHashes:
    """What the index holds of it."""
    return query_variants(image)[0]


def bits(count: int) -> int:
    return (1 << count) - 1


def test_both_hashes_are_imagehashs_own():
    image = room(1)
    made = hash_photo(image)
    assert made.phash_hex == str(imagehash.phash(image))
    assert made.ph256.hex() == str(imagehash.phash(image, hash_size=16))


@pytest.mark.parametrize("seed", range(5))
def test_the_search_key_is_a_signed_bigint_of_the_same_bits(seed):
    made = hash_photo(room(seed))
    assert -(2**63) <= made.ph64 < 2**63
    assert (made.ph64 % 2**64).bit_count() == int(made.phash_hex, 16).bit_count() == 32


def test_the_search_key_keeps_distances():
    one, two = hash_photo(room(1)), hash_photo(room(2))
    plain = imagehash.hex_to_hash(one.phash_hex) - imagehash.hex_to_hash(two.phash_hex)
    assert distance64(one, two) == plain > 14


@pytest.mark.parametrize("turn", list(Image.Transpose))
def test_the_hash_of_a_turned_thumb_is_that_of_the_turned_picture(turn):
    """Exactly for flips; a quarter turn swaps the two passes of the resize, which round."""
    turned = hash_photo(room(3).transpose(turn))
    apart = min(distance256(turned, variant) for variant in query_variants(room(3)))
    assert apart <= (4 if turn in QUARTER_TURNS else 0)


def test_a_picture_without_border_has_eight_variants():
    assert len(query_variants(room(5))) == 8


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_a_frame_is_taken_off(colour):
    framed = file_of(ImageOps.expand(room(6), 40, colour))
    best = min(distance256(hash_photo(room(6)), variant) for variant in query_variants(framed))
    assert best <= 24


def test_a_large_jpeg_is_decoded_small_and_hashes_alike():
    large = room(7).resize((4000, 3000))
    assert distance256(hash_photo(file_of(large)), hash_photo(large)) <= 10


@pytest.mark.parametrize("kind", [kind for kind in EDITS if not kind.startswith("crop")])
def test_an_edited_repost_is_the_same_picture(kind):

    repost = Image.open(BytesIO(EDITS[kind](room(8), Random(1))))
    stored = hash_photo(room(8))
    assert "strong" in {compare(variant, stored, 100, LIMITS) for variant in query_variants(repost)}


def test_two_rooms_are_two_pictures():
    stored = [hash_photo(room(seed)) for seed in range(12)]
    for seed in range(12):
        for variant in query_variants(room(seed)):
            found = {n for n, one in enumerate(stored) if compare(variant, one, 100, LIMITS)}
            assert found <= {seed}


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (640, 480), "grey"), Image.effect_noise((640, 480), 6)]
)
def test_a_blank_picture_is_evidence_of_nothing(image):
    blank = hash_photo(image)
    assert blank.low_information
    assert compare(blank, blank, 100, LIMITS) is None


@pytest.mark.parametrize(
    ("corpus_size", "near", "distance", "verdict"),
    [
        (100, 20, 72, "strong"),
        (100, 22, 72, None),
        (100, 14, 74, "weak"),
        (100, 16, 74, None),
        (100, 0, 78, None),
        (30_000, 14, 64, "strong"),
        (30_000, 14, 65, "weak"),
        (30_000, 16, 64, None),
        (1_000_000, 14, 56, "strong"),
        (1_000_000, 14, 57, "weak"),
    ],
)
def test_the_bound_tightens_as_the_corpus_grows(corpus_size, near, distance, verdict):
    assert compare(hashes(), hashes(bits(near), distance), corpus_size, LIMITS) == verdict


def test_a_negative_key_is_compared_by_its_bits():
    assert distance64(hashes(-1), hashes(0)) == 64
