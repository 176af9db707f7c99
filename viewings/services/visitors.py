"""A seeker without an account gives a contact, and verifies it with a code.

From then on the messages about their viewings go there, and they see where to come to.
"""

from ghar.accounts.models import Principal
from ghar.accounts.services import contacts, sessions
from ghar.lib import clock
from viewings.models import ViewingRequest
from viewings.policies import steps as policies
from viewings.policies.address import is_verified


def give_contact(*, viewing: ViewingRequest, contact: str, by: Principal) -> None:
    """Keeps the contact even where no more codes may be sent: RateLimited is about those alone."""
    session = policies.check_is_visitor(viewing, by)
    sessions.give_contact(session=session, contact=contact)
    send_code(viewing=viewing, by=by)


def send_code(*, viewing: ViewingRequest, by: Principal) -> None:
    session = policies.check_is_visitor(viewing, by)
    if not is_verified(session):
        contacts.send_code(identifier=session.contact, by=session, now=clock.now())


def confirm_code(*, viewing: ViewingRequest, code: str, by: Principal) -> None:
    session = policies.check_is_visitor(viewing, by)
    if not is_verified(session):
        contacts.confirm_code(identifier=session.contact, code=code, by=session, now=clock.now())
