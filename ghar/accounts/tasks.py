from celery import shared_task

from ghar.accounts.models import VerificationCode
from ghar.accounts.services import contacts, passwords, profiles
from ghar.lib import clock


@shared_task(name="accounts.send_code")
def send_code(code_id: str) -> None:
    contacts.mail_code(VerificationCode.objects.select_related("user", "session").get(pk=code_id))


@shared_task(name="accounts.send_reset_link")
def send_reset_link(identifier: str) -> None:
    """Takes the identifier, not an id: asking must look the same whether there is an account."""
    passwords.mail_reset_link(identifier)


@shared_task(name="accounts.end_what_was_left")
def end_what_was_left() -> None:
    profiles.end_what_was_left(now=clock.now())


@shared_task(name="accounts.erase_due_accounts")
def erase_due_accounts() -> None:
    profiles.erase_due_accounts(now=clock.now())
