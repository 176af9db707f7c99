"""Profile, role, and leaving: hidden at once, erased a week later."""

from collections.abc import Callable
import datetime as dt
from typing import Any
import uuid

from django.db import transaction
import structlog

from ghar.accounts import personal
from ghar.accounts.models import Role, User, UserQuerySet
from ghar.accounts.services.signing import (
    WRONG_SIGN_IN,
    check_own_password,
    sign_out_everywhere,
    whose_password,
)
from ghar.accounts.services.suspension import sign_out_browsers
from ghar.accounts.signals import account_leaving, account_left
from ghar.audit.services import record
from ghar.errors import NotAllowed, NotAuthenticated
from ghar.lib import rls
from ghar.lib.actors import SYSTEM, Actor
from ghar.lib.wake import wake

log = structlog.get_logger(__name__)

TIME_TO_RESTORE = dt.timedelta(days=7)


def edit_profile(*, user: User, changes: dict[str, Any]) -> User:
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


def set_avatar(*, user: User, upload_id: uuid.UUID | None) -> None:
    """The face that others see beside the name; None takes it away."""
    if user.avatar_id != upload_id:
        user.avatar_id = upload_id
        user.save(update_fields=["avatar_id"])


@transaction.atomic
def change_role(*, user: User, role: Role, by: Actor, now: dt.datetime) -> User:
    """Everything of the account is signed out: what it may do has changed."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not by.is_admin or by.actor_id == user.actor_id:
        raise NotAllowed
    if user.role == role:
        return user
    old, user.role = user.role, role
    user.is_superuser = role == Role.ADMIN
    user.save(update_fields=["role", "is_superuser"])
    sign_out_browsers(user)
    sign_out_everywhere(user=user)
    record(by=by, action="role_changed", target=user, now=now, data={"from": old, "to": role})
    return user


def name_agent(*, user: User, by: Actor, now: dt.datetime) -> None:
    """The account says that its owner is an agent; no right hangs on it, so nobody is signed out."""
    if User.objects.filter(pk=user.pk, role=Role.USER).update(role=Role.AGENT):
        data = {"from": Role.USER, "to": Role.AGENT}
        record(by=by, action="role_changed", target=user, now=now, data=data)


@transaction.atomic
def delete_account(*, user: User, password: str, now: dt.datetime) -> None:
    """Signed out and hidden at once; erased by erase_due_accounts unless restored before."""
    check_own_password(user, password, "password")
    user.deletion_requested_at, user.is_active = now, False
    # With a new salt: sessions of browsers must not live again when the account is restored.
    user.set_password(password)
    user.save(update_fields=["deletion_requested_at", "is_active", "password"])
    record(by=user, action="account_deletion_requested", target=user, now=now)
    sign_out_everywhere(user=user)
    # Afterwards, so that nobody books with them meanwhile.
    wake("accounts.end_plans_of", str(user.pk))


def restore_account(*, identifier: str, password: str, now: dt.datetime) -> User:
    known = whose_password(identifier, password)
    with transaction.atomic():
        # Afresh and locked: the sweep may be erasing it, and another call restoring it.
        restorable = User.objects.left_after(now - TIME_TO_RESTORE)
        user = restorable.select_for_update().filter(pk=known.pk).first()
        if user is None:
            raise NotAuthenticated(WRONG_SIGN_IN)
        user.deletion_requested_at, user.is_active = None, True
        user.save(update_fields=["deletion_requested_at", "is_active"])
        record(by=user, action="account_restored", target=user, now=now)
    return user


def end_what_was_left(*, now: dt.datetime) -> int:
    """What was agreed with people who have left: as long as they may come back it is looked for
    again, because a worker may have died over it.
    """
    left = (
        User.objects.left_after(now - TIME_TO_RESTORE).order_by("pk").values_list("pk", flat=True)
    )
    return sum(_go_on(end_plans_of, pk, now) for pk in list(left))


def end_plans_of(pk: uuid.UUID, now: dt.datetime) -> bool:
    """Whether they have left and not come back."""
    with rls.acting_as(rls.WORKER):
        return _leave(User.objects.left_after(now - TIME_TO_RESTORE), pk) is not None


def erase_due_accounts(*, now: dt.datetime) -> int:
    due = User.objects.deletion_due(now - TIME_TO_RESTORE)
    found = list(due.order_by("pk").values_list("pk", flat=True)[:100])
    return sum(_go_on(_erase, pk, now) for pk in found)


def _go_on(step: Callable[[uuid.UUID, dt.datetime], bool], pk: uuid.UUID, now: dt.datetime) -> bool:
    """One that cannot be helped now must not stop the others; the next run tries it again."""
    try:
        return step(pk, now)
    except Exception:
        log.exception("account_not_left", user=str(pk), step=step.__name__)
        return False


def _erase(pk: uuid.UUID, now: dt.datetime) -> bool:
    with rls.acting_as(rls.WORKER):
        user = _leave(User.objects.deletion_due(now - TIME_TO_RESTORE), pk)
        if user is None:
            return False
        record(by=SYSTEM, action="account_erased", target=user, now=now)
        personal.erase(user)
        user.delete()
    return True


def _leave(leaving: UserQuerySet, pk: uuid.UUID) -> User | None:
    """End what was agreed with this one of `leaving`; None if they were restored, or erased by
    another worker, since the sweep looked.
    """
    # In the order of a suspension: the person, what they planned. A step of theirs refers to the
    # person and would wait for the stronger lock below with the visit in hand.
    list(User.objects.select_for_update(no_key=True).filter(pk=pk))
    account_leaving.send(sender=User, user=User(pk=pk))
    user = leaving.select_for_update().filter(pk=pk).first()
    if user is not None:
        account_left.send(sender=User, user=user)
    return user


def export_account(user: User) -> dict[str, Any]:
    """Everything held about the user, by section."""
    return personal.export(user)
