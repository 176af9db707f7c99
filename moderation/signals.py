"""What moderation tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# blocker, blocked, now; under the lock of the pair
user_blocked = Signal()
# person, now
person_suspended = Signal()
person_restored = Signal()
# Reported by several people, until a moderator has looked: person, now
person_paused = Signal()
person_released = Signal()

# Two people are about to be parted: one, other; or somebody to be suspended or let in again: person.
# Whoever will change something of theirs locks it now, because the audit, in which everybody waits,
# comes after every other lock.
people_parting = Signal()
standing_changing = Signal()
