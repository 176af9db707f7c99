"""E-mail addresses and phones: what identifies an account, and how it is proved."""

from collections.abc import Iterable
import datetime as dt

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ghar.accounts.models import Principal, SeekerSession, User, VerificationCode
from ghar.accounts.signals import contact_verified
from ghar.api import limits
from ghar.audit.services import record
from ghar.errors import Conflict, Invalid
from ghar.lib.ids import uuid7
from ghar.lib.phones import parse_phone
from ghar.lib.wake import wake
from ghar.notifications.channels import Message, is_connected
from ghar.notifications.models import Channel, Purpose
from ghar.notifications.services.outbox import send_secret
from ghar.notifications.services.preferences import address, set_channels

_EMAIL = User._meta.get_field("email")
CODE_LIFE = dt.timedelta(minutes=10)

WRONG_CODE = gettext_lazy("This code is wrong or too old. Please ask for a new one.")


class CannotBeReached(Invalid):
    """No service is set up that brings a message there."""

    message = gettext_lazy("We cannot send a code there at the moment. Please try another address.")


def read_identifier(text: str, field: str = "identifier") -> str:
    """An e-mail address in lower case or an E.164 phone; Invalid otherwise."""
    text = text.strip().lower()  # before it is measured: a few letters are two in lower case
    if phone := parse_phone(text):
        return phone
    try:
        for validate in _EMAIL.validators:  # run_validators lets an empty text pass
            validate(text)
    except ValidationError:
        message = _("Please give an e-mail address, or a phone number that begins with +.")
        raise Invalid.field(field, message) from None
    return text


def as_columns(identifier: str) -> dict[str, str]:
    return {"email" if "@" in identifier else "phone": identifier}


def save_contact(user: User, *, columns: Iterable[str] | None = None) -> None:
    """Save a new account, or the `columns` of one: the rest may have changed meanwhile."""
    try:
        with transaction.atomic():
            user.save(update_fields=columns)
    except IntegrityError:
        message = _("There is an account with this address or number already.")
        raise Conflict(message, code="IDENTIFIER_TAKEN") from None
    sync_email_address(user)


@transaction.atomic
def send_code(*, identifier: str, by: Principal, now: dt.datetime) -> None:
    """Have a code sent to an address of the caller's.

    Of a session only to the contact that it gave. An address of another account gets none, and the
    caller is not told so.
    """
    identifier = read_identifier(identifier)
    if isinstance(by, SeekerSession) and identifier != by.contact:
        raise Invalid.field("identifier", _("Please give this contact with a viewing first."))
    if not is_connected(channel_of(identifier)):
        raise CannotBeReached(details={"fields": {"identifier": [CannotBeReached.message]}})
    limits.hit("codes", by.actor_id)
    if _is_taken(identifier, by):
        return
    code = VerificationCode.objects.create(
        **address(by), identifier=identifier, expires_at=now + CODE_LIFE
    )
    wake("accounts.send_code", str(code.pk))


def has_code(principal: Principal, identifier: str, *, now: dt.datetime) -> bool:
    """Whether a code is on its way that can still be entered."""
    sent = VerificationCode.objects.of(principal).usable_at(now)
    return sent.filter(identifier=identifier).exists()


def confirm_code(*, identifier: str, code: str, by: Principal, now: dt.datetime) -> None:
    """Raises Invalid after counting the attempt, which a rollback must not undo."""
    identifier = read_identifier(identifier)
    if not _try_code(identifier=identifier, code=code, by=by, now=now):
        raise Invalid.field("code", WRONG_CODE)


@transaction.atomic
def _try_code(*, identifier: str, code: str, by: Principal, now: dt.datetime) -> bool:
    if isinstance(by, SeekerSession) and not _holds_contact(by, identifier):
        return False
    sent = VerificationCode.objects.of(by).filter(identifier=identifier).usable_at(now)
    newest = sent.order_by("-id").select_for_update().first()
    if newest is None:
        return False
    newest.attempts += 1
    is_right = constant_time_compare(newest.digits, code)
    newest.used_at = now if is_right else None
    newest.save(update_fields=["attempts", "used_at"])
    if is_right:
        _mark_verified(by, identifier, now)
    return is_right


def _holds_contact(session: SeekerSession, identifier: str) -> bool:
    """Whether it is still theirs, and stays so: a new contact is not proved by the old one's code."""
    return SeekerSession.objects.select_for_update().get(pk=session.pk).contact == identifier


def _mark_verified(principal: Principal, identifier: str, now: dt.datetime) -> None:
    if isinstance(principal, SeekerSession):
        principal.contact_verified_at = now
        principal.save(update_fields=["contact_verified_at"])
        choices = {channel_of(identifier): {Purpose.VIEWINGS: True}}
        set_channels(principal=principal, choices=choices)
    else:
        _take_over(principal, identifier)
    contact_verified.send(sender=type(principal), principal=principal, now=now)
    record(
        by=principal,
        action="contact_verified",
        target=principal,
        now=now,
        data={"channel": channel_of(identifier)},
    )


def _take_over(user: User, identifier: str) -> None:
    """The address is theirs now. Who reads at the one before hears of it: it may not have been
    they who changed it.
    """
    ((name, value),) = as_columns(identifier).items()
    old = user.address_on(channel_of(identifier))
    setattr(user, name, value)
    setattr(user, f"{name}_verified", True)
    save_contact(user, columns=[name, f"{name}_verified"])
    if old and old != value:
        wake("accounts.tell_old_address", old, user.language)


def _is_taken(identifier: str, by: Principal) -> bool:
    if isinstance(by, SeekerSession):
        return False
    return User.objects.with_identifier(identifier).exclude(pk=by.pk).exists()


def sync_email_address(user: User) -> None:
    """allauth's own row of the address says what ours says."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email or "").delete()
    if user.email:
        EmailAddress.objects.update_or_create(
            user=user,
            email=user.email,
            defaults={"primary": True, "verified": user.email_verified},
        )


def tell_old_address(identifier: str, language: str) -> None:
    with translation.override(language):
        title = _("Your account on ghar has another address now")
        body = _(
            "From now on we write to the new one. If it was not you who changed it, somebody else is"
            " in your account: please tell us at once."
        )
    send_secret(
        Message(
            channel=channel_of(identifier),
            address=identifier,
            title=title,
            body=body,
            route="",
            key=f"moved-{uuid7()}",
            language=language,
        )
    )


def mail_code(code: VerificationCode) -> None:
    """Send the digits on their way. They stand in no queue and no table."""
    reader = code.recipient
    if reader.is_fictional:
        return
    with translation.override(reader.language):
        title = _("%(code)s is your code for ghar") % {"code": code.digits}
        body = _("Enter it within ten minutes. If you did not ask for it, do nothing.")
    send_secret(
        Message(
            channel=channel_of(code.identifier),
            address=code.identifier,
            title=title,
            body=body,
            route="",
            key=f"code-{code.pk}",
            language=reader.language,
        )
    )


def channel_of(identifier: str) -> Channel:
    return Channel.EMAIL if "@" in identifier else Channel.SMS
