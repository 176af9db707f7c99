"""The calendar files that the e-mails of a step bring along, by whose they are."""

from collections import defaultdict

from django.core import mail
from icalendar import Calendar

from ghar.lib import clock
from ghar.notifications.models import Notification
from ghar.notifications.services.outbox import send_due_deliveries


def sent():
    """What has been sent since the last look: by reader, (method, event) for each mail, or None."""
    send_due_deliveries(now=clock.now())
    found = defaultdict(list)
    for message in mail.outbox:
        [address] = message.to
        found[address].append(_invitation(message))
    mail.outbox.clear()
    return found


def mails_to(person):
    return sent()[_address(person)]


def methods():
    """The same in short: by reader, the method of each mail's file, or None."""
    return {
        address: [file and file[0] for file in invitations]
        for address, invitations in sent().items()
    }


def one_each(method, *people):
    """What `methods` says when each of these has got one mail with that file, and nobody else."""
    return {_address(person): [method] for person in people}


def own_words(person):
    """Of the newest line of theirs, which they need not read."""
    line = Notification.objects.of(person).latest("pk")
    assert line.is_read
    return line.title, line.body


def _address(person):
    return getattr(person, "email", None) or person.contact_email


def _invitation(message):
    for name, content, mimetype in message.attachments:
        calendar = Calendar.from_ical(content)
        assert (name, mimetype) == (
            "appointment.ics",
            f"text/calendar; method={calendar['method']}",
        )
        assert f'method="{calendar["method"]}"' in message.message().as_string()
        return calendar["method"], next(iter(calendar.walk("VEVENT")))
    return None
