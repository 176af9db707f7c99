from celery import shared_task

from ghar import flags
from ghar.lib import clock
from viewings.services import closing, conversations, reminders


@shared_task(name="viewings.send_due_reminders")
def send_due_reminders() -> int:
    """While viewings are switched off, reminders wait."""
    if not flags.is_on(flags.VIEWINGS):
        return 0
    return reminders.send_due_reminders()


@shared_task(name="viewings.release_expired_holds")
def release_expired_holds() -> int:
    return closing.release_expired_holds(now=clock.now())


@shared_task(name="viewings.close_past_viewings")
def close_past_viewings() -> int:
    return closing.close_past_viewings(now=clock.now())


@shared_task(name="viewings.forget_old_conversations")
def forget_old_conversations() -> int:
    return conversations.forget_old(now=clock.now())
