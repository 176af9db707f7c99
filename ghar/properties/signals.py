"""What properties tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# listing, now: it was submitted, or its content changed while it is with the reviewers
listing_submitted = Signal()
# media, now: a photo is ready
media_ready = Signal()
# listing, old, by, now
listing_status_changed = Signal()
