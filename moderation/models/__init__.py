from moderation.models.cases import AllowPair, Appeal, Case, Decision, Evidence
from moderation.models.risk import Fingerprint, ListingCheck, PhotoHash, RiskScore

__all__ = [
    "AllowPair",
    "Appeal",
    "Case",
    "Decision",
    "Evidence",
    "Fingerprint",
    "ListingCheck",
    "PhotoHash",
    "RiskScore",
]
