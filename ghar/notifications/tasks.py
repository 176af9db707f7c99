from celery import shared_task

from ghar.lib import clock
from ghar.notifications.services import lines, outbox


@shared_task(name="notifications.send_due_deliveries")
def send_due_deliveries() -> None:
    while outbox.send_due_deliveries(now=clock.now()):
        pass


@shared_task(name="notifications.forget_old")
def forget_old() -> None:
    lines.forget_old(now=clock.now())
