from moderation.models.attendance import Attendance, Dispute
from moderation.models.cases import AllowPair, Appeal, Case, Decision, Evidence
from moderation.models.people import Block, Report, Sanction
from moderation.models.risk import Fingerprint, ListingCheck, PhotoHash, RiskScore

__all__ = [
    "AllowPair",
    "Appeal",
    "Attendance",
    "Block",
    "Case",
    "Decision",
    "Dispute",
    "Evidence",
    "Fingerprint",
    "ListingCheck",
    "PhotoHash",
    "Report",
    "RiskScore",
    "Sanction",
]
