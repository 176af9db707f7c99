"""What properties tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# listing, now: it was submitted, or its content changed while it is with the reviewers
listing_submitted = Signal()
# media, now: a photo is ready
media_ready = Signal()
# upload, now: a picture of a person is ready or cannot be used; under the lock of its row
upload_finished = Signal()
# subject_type, subject_id, city, locality, point, now: a place without coordinates was found there
place_found = Signal()
# listing, old: it has another status, and whoever will freeze or end something because of it locks
# that now: the audit, in which everybody waits, comes after every other lock
listing_status_changing = Signal()
# listing, old, by, now
listing_status_changed = Signal()
