"""What the calendar tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# entry, reminder, channels, now: this recipient has been reminded
reminder_sent = Signal()
