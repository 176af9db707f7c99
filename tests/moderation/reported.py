"""People who report each other, the way that apps above do it."""

import datetime as dt

from ghar.accounts.models import User
from ghar.lib import clock
from moderation.models import Report
from moderation.services.reports import file_report
from tests.factories import UserFactory

WORDS = "He asked for the deposit before I had seen the room."


def grown_up(**facts) -> User:
    """An account that is older than a day."""
    user = UserFactory(**facts)
    User.objects.filter(pk=user.pk).update(created_at=clock.now() - dt.timedelta(days=30))
    user.refresh_from_db()
    return user


def report(reported, *, by=None, **facts) -> Report:
    return report_again(reported, by=by, **facts)[0]


def report_again(reported, *, by=None, **facts) -> tuple[Report, bool]:
    given = {
        "reason": "abuse",
        "notes": WORDS,
        "evidence": {"profile": {"bio": "Quiet and tidy."}},
        "content_mark": "v1",
    }
    return file_report(reporter=by or grown_up(), reported=reported, **(given | facts))
