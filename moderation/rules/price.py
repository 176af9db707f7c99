"""A price unlike its neighbours: robust z of log(price / area), blended down a hierarchy."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from django.utils.translation import gettext as _

from moderation.rules.facts import Family, ListingFacts, Reason
from moderation.rules.limits import DetectionSettings

# Of a normal distribution: makes the median deviation comparable with a standard deviation.
_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class PriceCell:
    """Comparable listings: `name` for people ("Kimironko, apartment, 2 bedrooms"), and the
    `log_rate` of each. Same purpose and currency as the listing, itself left out.
    """

    name: str
    log_rates: Sequence[float]


def log_rate(monthly_price: float, area_sqft: int | None) -> float:
    """What is compared. A listing without an area is compared by whole prices: pass None for all."""
    return log(monthly_price / area_sqft) if area_sqft else log(monthly_price)


def price_reasons(
    listing: ListingFacts, cells: Sequence[PriceCell], limits: DetectionSettings
) -> list[Reason]:
    """`cells` from the most specific to the most general. A price alone never gives hold."""
    basis = next((cell for cell in cells if len(cell.log_rates) >= limits.price_comparables), None)
    if basis is None or not listing.monthly_price:
        return []
    typical, spread = _blended(cells, limits)
    z = (log_rate(listing.monthly_price, listing.area_sqft) - typical) / spread
    if abs(z) < limits.price_notable_z:
        return []
    extreme = abs(z) >= limits.price_extreme_z
    message = (
        _("Unusually high for %(cell)s (n = %(n)d).")
        if z > 0
        else _("Unusually low for %(cell)s (n = %(n)d).")
    )
    return [
        Reason(
            code="PRICE_OUTLIER",
            family=Family.PRICE,
            weight=limits.price_extreme_weight if extreme else limits.price_notable_weight,
            message=message % {"cell": basis.name, "n": len(basis.log_rates)},
            evidence={"cell": basis.name, "n": len(basis.log_rates), "z": round(z, 1)},
        )
    ]


def _blended(cells: Sequence[PriceCell], limits: DetectionSettings) -> tuple[float, float]:
    """Median and spread: each narrower cell counts the more, the more listings it has."""
    filled = [cell.log_rates for cell in reversed(cells) if cell.log_rates]
    typical, spread = _robust(filled[0], limits)
    for rates in filled[1:]:
        share = len(rates) / (len(rates) + limits.price_blend)
        middle, deviation = _robust(rates, limits)
        typical += share * (middle - typical)
        spread += share * (deviation - spread)
    return typical, spread


def _robust(rates: Sequence[float], limits: DetectionSettings) -> tuple[float, float]:
    middle = median(rates)
    deviation = _MAD_TO_DEVIATION * median(abs(rate - middle) for rate in rates)
    return middle, max(deviation, limits.price_least_spread)
