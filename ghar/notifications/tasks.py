from celery import shared_task

from ghar.lib import clock
from ghar.notifications import services


@shared_task(name="notifications.send_due_deliveries")
def send_due_deliveries() -> None:
    while services.send_due_deliveries(now=clock.now()):
        pass
