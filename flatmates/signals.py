"""What flatmates tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# match, by, now: unmatched or blocked
match_closed = Signal()
