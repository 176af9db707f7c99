from celery import shared_task

from ghar.lib import clock
from ghar.properties.services import alerts, geocoding, media, stray_files, sweeps


@shared_task(name="properties.process_due_media")
def process_due_media() -> None:
    media.process_due_media(now=clock.now())


@shared_task(name="properties.forget_stray_files")
def forget_stray_files() -> None:
    stray_files.forget_stray_files()


@shared_task(name="properties.run_due_geocoding")
def run_due_geocoding() -> None:
    geocoding.run_due_geocoding(now=clock.now())


@shared_task(name="properties.sweep_listings")
def sweep_listings() -> None:
    """A promise that is over first; who is asked only now has seven days to answer."""
    now = clock.now()
    sweeps.pause_past_move_in(now=now)
    sweeps.pause_unanswered(now=now)
    sweeps.ask_if_available(now=now)
    sweeps.expire_listings(now=now)


@shared_task(name="properties.match_new_listings")
def match_new_listings() -> None:
    alerts.match_new_listings(now=clock.now())


@shared_task(name="properties.send_due_alerts")
def send_due_alerts() -> None:
    alerts.send_due_alerts(now=clock.now())
