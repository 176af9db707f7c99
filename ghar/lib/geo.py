"""Positions: geohash cells, distances and boxes. Degrees in, metres out."""

from math import asin, cos, degrees, radians, sin, sqrt
from typing import Final, NamedTuple

EARTH_RADIUS_M: Final = 6_371_008.8
_ALPHABET: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_VALUE: Final = {letter: value for value, letter in enumerate(_ALPHABET)}


class Point(NamedTuple):
    latitude: float
    longitude: float


class Box(NamedTuple):
    """`west` is greater than `east` where the box crosses the date line."""

    south: float
    west: float
    north: float
    east: float

    @property
    def height(self) -> float:
        return self.north - self.south

    @property
    def width(self) -> float:
        return self.east - self.west

    @property
    def centre(self) -> Point:
        return Point((self.south + self.north) / 2, (self.west + self.east) / 2)


def geohash(latitude: float, longitude: float, precision: int) -> str:
    """The cell that holds the point. Six letters are about 1.2 km by 0.6 km, seven 150 m."""
    south, west, north, east = -90.0, -180.0, 90.0, 180.0
    value = 0
    for bit in range(precision * 5):
        value <<= 1
        if bit % 2 == 0:
            middle = (west + east) / 2
            west, east, value = (
                (middle, east, value + 1) if longitude >= middle else (west, middle, value)
            )
        else:
            middle = (south + north) / 2
            south, north, value = (
                (middle, north, value + 1) if latitude >= middle else (south, middle, value)
            )
    shifts = range((precision - 1) * 5, -1, -5)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in shifts)


def cell_box(cell: str) -> Box:
    """The area of a cell. Raises ValueError for what is not a geohash."""
    south, west, north, east = -90.0, -180.0, 90.0, 180.0
    for position, bit in enumerate(_bits(cell)):
        if position % 2 == 0:
            middle = (west + east) / 2
            west, east = (middle, east) if bit else (west, middle)
        else:
            middle = (south + north) / 2
            south, north = (middle, north) if bit else (south, middle)
    return Box(south, west, north, east)


def cell_centre(cell: str) -> Point:
    return cell_box(cell).centre


def neighbours(cell: str) -> list[str]:
    """The cells around one, north-west to south-east: eight, five beside a pole."""
    box = cell_box(cell)
    latitude, longitude = box.centre
    around = [
        geohash(latitude + row * box.height, _wrapped(longitude + column * box.width), len(cell))
        for row in (1, 0, -1)
        for column in (-1, 0, 1)
        if (row, column) != (0, 0) and -90 < latitude + row * box.height < 90
    ]
    return list(dict.fromkeys(around))


def haversine_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two (latitude, longitude) in metres."""
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    half_lat = radians(lat_b - lat_a) / 2
    half_lon = radians(lon_b - lon_a) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))


def bounding_box(latitude: float, longitude: float, radius_m: float) -> Box:
    """The smallest box of parallels and meridians around a circle."""
    angle = radius_m / EARTH_RADIUS_M
    south, north = latitude - degrees(angle), latitude + degrees(angle)
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    reach = sin(angle) / cos(radians(latitude))
    if reach >= 1:
        return Box(south, -180.0, north, 180.0)
    spread = degrees(asin(reach))
    return Box(south, _wrapped(longitude - spread), north, _wrapped(longitude + spread))


def _bits(cell: str) -> list[int]:
    if not cell or any(letter not in _VALUE for letter in cell):
        raise ValueError(f"not a geohash: {cell!r}")
    return [(_VALUE[letter] >> shift) & 1 for letter in cell for shift in (4, 3, 2, 1, 0)]


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180
