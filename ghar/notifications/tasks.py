from celery import shared_task

from ghar.lib import clock
from ghar.lib.claim import turns
from ghar.notifications.services import lines, outbox


@shared_task(name="notifications.send_due_deliveries")
def send_due_deliveries() -> None:
    for _turn in turns():
        if not outbox.send_due_deliveries(now=clock.now()):
            break


@shared_task(name="notifications.forget_old")
def forget_old() -> None:
    lines.forget_old(now=clock.now())
