"""What accounts tells the apps above, inside the transaction of the cause."""

from django.dispatch import Signal

# session, user, now: the session's rows belong to the user from here on
session_claimed = Signal()
# principal, now: an address of this User or SeekerSession has been proved
contact_verified = Signal()
# user, its id alone: is about to be erased if not restored meanwhile, and whoever will end something of theirs locks it now: the audit, in
# which everybody waits, comes after every other lock
account_leaving = Signal()
# user: has left; told again and again until the account is erased, or restored
account_left = Signal()
