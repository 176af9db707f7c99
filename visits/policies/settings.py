from dataclasses import dataclass
import datetime as dt

from django.conf import settings

from visits.states import VisitContext


@dataclass(frozen=True)
class VisitSettings:
    """Every number of visits; settings.VISIT overrides."""

    tour_minutes: int = 30
    meet_minutes: int = 60
    lead_hours: int = 2
    horizon_days: int = 180
    # What an agent needs on both sides of a tour.
    buffer_minutes: int = 15
    undo_minutes: int = 10
    hours_until_completed: int = 24
    # While it is on hold nobody can say how it was; after so long nobody comes back to it.
    days_until_closed_on_hold: int = 14
    follow_up_days: int = 2

    @property
    def lead(self) -> dt.timedelta:
        return dt.timedelta(hours=self.lead_hours)

    @property
    def horizon(self) -> dt.timedelta:
        return dt.timedelta(days=self.horizon_days)

    @property
    def buffer(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.buffer_minutes)

    @property
    def until_completed(self) -> dt.timedelta:
        return dt.timedelta(hours=self.hours_until_completed)

    @property
    def until_closed_on_hold(self) -> dt.timedelta:
        return dt.timedelta(days=self.days_until_closed_on_hold)

    @property
    def undo(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.undo_minutes)


def current_settings() -> VisitSettings:
    return VisitSettings(**settings.VISIT)


def duration_of(context: str) -> int:
    limits = current_settings()
    is_tour = context == VisitContext.PROPERTY_TOUR
    return limits.tour_minutes if is_tour else limits.meet_minutes
