"""Every tunable number of detection, in one place.

Rules take these as a value; the edge builds them with `DetectionSettings(**settings.DETECTION)`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DetectionSettings:
    # Two photos are the same picture: distances in bits. d64 gates what the search retrieves,
    # d256 decides. Expected false matches grow with the corpus, so the strong bound tightens.
    retrieval_radius: int = 14
    # A small corpus is scanned anyway; wide, the gate loses no photo with a banner or a tilt.
    scanned_corpus: int = 30_000
    scanned_radius: int = 20
    strong_bounds: tuple[tuple[int, int], ...] = ((30_000, 72), (1_000_000, 64))
    strong_bound_beyond: int = 56
    weak_bound: int = 76
    weak_photos_to_hold: int = 2
    # Standard deviation of grey values below which a picture shows nothing.
    low_information_deviation: float = 8.0
    common_photo_posters: int = 5

    # Weights and levels are points of 100.
    medium_from: int = 30
    high_from: int = 70
    photo_strong_weight: int = 90
    photo_weak_weight: int = 75
    duplicate_high_weight: int = 80
    duplicate_medium_weight: int = 45
    # The soft signals: all of them together stay below medium.
    phone_reused_weight: int = 14
    wording_warning_weight: int = 10
    completeness_warning_weight: int = 8
    wording_high_weight: int = 75
    thin_listing_weight: int = 45
    price_notable_weight: int = 12
    price_extreme_weight: int = 40

    # A host who does not keep what was agreed: points, and from which share of the visits on.
    visits_missed_weight: int = 40
    visits_missed_notable_weight: int = 12
    visits_missed_share: float = 0.80
    visits_missed_notable_share: float = 0.50

    # Near-duplicates: similarity 0..1 of two listings.
    duplicate_high: float = 0.90
    duplicate_medium: float = 0.84
    same_text: float = 0.90
    near_m: float = 150.0
    far_m: float = 1_000.0

    # Price outliers: robust z of log(price / area).
    price_notable_z: float = 3.5
    price_extreme_z: float = 5.0
    price_comparables: int = 20
    price_blend: int = 10
    price_least_spread: float = 0.10

    photos_expected: int = 2
    # d64 between photos of one listing: copies lie within 2, other views of a home beyond 22.
    same_picture_distance: int = 10

    @property
    def holding_weight(self) -> int:
        """Of what holds a listing by itself, whatever the other numbers say."""
        return max(self.wording_high_weight, self.high_from)

    def search_radius(self, corpus_size: int) -> int:
        """The d64 within which photos are looked for, in a corpus of that many photos."""
        small = corpus_size < self.scanned_corpus
        return self.scanned_radius if small else self.retrieval_radius

    def strong_bound(self, corpus_size: int) -> int:
        """The d256 up to which one photo alone holds, in a corpus of that many photos."""
        for below, bound in self.strong_bounds:
            if corpus_size < below:
                return bound
        return self.strong_bound_beyond
