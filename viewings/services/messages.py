"""Beside the negotiation: a message, a meeting point, a look by the team, the reminders."""

import datetime as dt

from django.db import transaction

from ghar.accounts.models import Principal
from ghar.calendar.models import CalendarEntry, Reminder, ReminderKind
from ghar.calendar.services import reminders
from ghar.calendar.services.entries import touch_entry
from ghar.calendar.services.reminders import Letter
from ghar.lib import clock, formats
from ghar.notifications.models import Channel, NotificationType, Purpose
from ghar.notifications.services import notify, opted_in_channels
from viewings import policies
from viewings.models import ViewingEvent, ViewingRequest
from viewings.services import telling
from viewings.services.booking import SUBJECT_TYPE, subject_of
from viewings.services.links import route_for
from viewings.services.places import meeting_place
from viewings.services.records import Happening, lock_viewing, owners, record
from viewings.states import SEEKER, EventType
