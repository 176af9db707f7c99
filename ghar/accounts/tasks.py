from typing import Any, Final
import uuid

from celery import shared_task

from ghar.accounts.models import VerificationCode
from ghar.accounts.services import contacts, expiry, passwords, profiles
from ghar.lib import clock
from ghar.notifications.channels import NotDelivered

# A code lives for ten minutes: who waits for it is helped soon or not at all.
AGAIN: Final[dict[str, Any]] = {
    "autoretry_for": (NotDelivered,),
    "retry_kwargs": {"max_retries": 3, "countdown": 5},
}


@shared_task(name="accounts.send_code", **AGAIN)
def send_code(code_id: str) -> None:
    contacts.mail_code(VerificationCode.objects.select_related("user", "session").get(pk=code_id))


@shared_task(name="accounts.send_reset_link", **AGAIN)
def send_reset_link(identifier: str) -> None:
    """Takes the identifier, not an id: asking must look the same whether there is an account."""
    passwords.mail_reset_link(identifier)


@shared_task(name="accounts.tell_old_address", **AGAIN)
def tell_old_address(identifier: str, language: str) -> None:
    contacts.tell_old_address(identifier, language)


@shared_task(name="accounts.forget_expired")
def forget_expired() -> None:
    expiry.forget_expired(now=clock.now())


@shared_task(name="accounts.end_plans_of")
def end_plans_of(user_id: str) -> None:
    profiles.end_plans_of(uuid.UUID(user_id), clock.now())


@shared_task(name="accounts.end_what_was_left")
def end_what_was_left() -> None:
    profiles.end_what_was_left(now=clock.now())


@shared_task(name="accounts.erase_due_accounts")
def erase_due_accounts() -> None:
    profiles.erase_due_accounts(now=clock.now())
