"""What the calendar tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# entry, kind, letter, channels, now: this recipient has been reminded
reminder_sent = Signal()
