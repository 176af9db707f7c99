from dataclasses import dataclass
import datetime as dt

from django.conf import settings


@dataclass(frozen=True)
class ViewingSettings:
    """Every number of the negotiation; settings.VIEWING overrides."""

    lead_minutes: int = 30
    horizon_days: int = 180
    longest_minutes: int = 180
    hold_hours: int = 24
    hold_ends_hours_ahead: int = 3
    shortest_hold_minutes: int = 30
    reschedules_until_flag: int = 3
    # A request for which nobody has proposed a time by then is closed.
    days_without_times: int = 30
    hours_until_completed: int = 24
    # While it is on hold nobody can say how it was; after so long nobody comes back to it.
    days_until_closed_on_hold: int = 14

    @property
    def lead(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.lead_minutes)

    @property
    def horizon(self) -> dt.timedelta:
        return dt.timedelta(days=self.horizon_days)

    @property
    def longest(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.longest_minutes)

    @property
    def without_times(self) -> dt.timedelta:
        return dt.timedelta(days=self.days_without_times)

    @property
    def until_completed(self) -> dt.timedelta:
        return dt.timedelta(hours=self.hours_until_completed)

    @property
    def until_closed_on_hold(self) -> dt.timedelta:
        return dt.timedelta(days=self.days_until_closed_on_hold)


def current_settings() -> ViewingSettings:
    return ViewingSettings(**settings.VIEWING)
