"""What moderation tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# decision, listing, by, now
case_decided = Signal()
