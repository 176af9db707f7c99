from celery import shared_task

from ghar.lib import clock
from ghar.realtime import services


@shared_task(name="realtime.forget_old_events")
def forget_old_events() -> int:
    return services.forget_old_events(now=clock.now())
