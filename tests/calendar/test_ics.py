import datetime as dt
import uuid

from icalendar import Calendar

from ghar.calendar.ics import Details, build_calendar
from ghar.calendar.models import CalendarEntry

START = dt.datetime(2027, 5, 3, 8, tzinfo=dt.UTC)
DETAILS = Details("Viewing: Sunny room", "Open it", "Kimihurura, Kigali", "/viewings/1/")


def file_of(**changes):
    entry = CalendarEntry(
        subject_type="viewing",
        subject_id=uuid.uuid4(),
        start_at=START,
        end_at=START + dt.timedelta(minutes=30),
        timezone="Africa/Kigali",
        sequence=2,
        **changes,
    )
    return entry, Calendar.from_ical(build_calendar(entry, DETAILS))


def test_an_agreed_time_is_a_request_in_utc():
    entry, calendar = file_of()
    event = calendar.events[0]
    assert calendar["method"] == "REQUEST"
    assert (event["uid"], event["sequence"], event["status"]) == (entry.uid, 2, "CONFIRMED")
    assert (event.start, event.end) == (START, START + dt.timedelta(minutes=30))
    assert event["location"] == "Kimihurura, Kigali"
    assert event["url"].endswith("/viewings/1/")
    assert event["organizer"] == "mailto:hello@ghar.test"


def test_a_withdrawn_time_is_a_cancel_of_the_same_entry():
    entry, calendar = file_of(is_active=False)
    event = calendar.events[0]
    assert (calendar["method"], event["status"], event["uid"]) == ("CANCEL", "CANCELLED", entry.uid)
