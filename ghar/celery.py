"""The Celery application. Beat's schedule is static; what is due stands in rows."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ghar.settings")

app = Celery("ghar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A wake-up can be lost with Redis; these sweeps find the due rows again.
    "media": {"task": "properties.process_due_media", "schedule": 20.0},
    "stray_files": {"task": "properties.forget_stray_files", "schedule": 86_400.0},
    "geocoding": {"task": "properties.run_due_geocoding", "schedule": 30.0},
    "listings": {"task": "properties.sweep_listings", "schedule": 600.0},
    "arrivals": {"task": "properties.match_new_listings", "schedule": 20.0},
    "alerts": {"task": "properties.send_due_alerts", "schedule": 30.0},
    "checks": {"task": "moderation.run_due_checks", "schedule": 20.0},
    "evidence": {"task": "moderation.forget_old_evidence", "schedule": 3600.0},
    "pauses": {"task": "moderation.release_overdue_pauses", "schedule": 60.0},
    "reports": {"task": "moderation.forget_old_report_evidence", "schedule": 3600.0},
    "attendance": {"task": "moderation.count_attendance", "schedule": 60.0},
    "suspensions": {"task": "moderation.lapse_unconfirmed_suspensions", "schedule": 300.0},
    "profiles": {"task": "flatmates.pause_passed_move_ins", "schedule": 600.0},
    "profile_views": {"task": "flatmates.forget_old_views", "schedule": 3600.0},
    "swipes": {"task": "flatmates.forget_old_swipes", "schedule": 600.0},
    "reminders": {"task": "viewings.send_due_reminders", "schedule": 2.0},
    "holds": {"task": "viewings.release_expired_holds", "schedule": 30.0},
    "viewings": {"task": "viewings.close_past_viewings", "schedule": 300.0},
    "conversations": {"task": "viewings.forget_old_conversations", "schedule": 3600.0},
    "agents": {"task": "visits.assign_waiting", "schedule": 60.0},
    "visit_reminders": {"task": "visits.send_due_reminders", "schedule": 2.0},
    "check_ins": {"task": "visits.ask_how_it_goes", "schedule": 60.0},
    "visits": {"task": "visits.close_past_visits", "schedule": 300.0},
    "follow_ups": {"task": "visits.remind_of_follow_ups", "schedule": 1800.0},
    "deliveries": {"task": "notifications.send_due_deliveries", "schedule": 10.0},
    "notifications": {"task": "notifications.forget_old", "schedule": 3600.0},
    "events": {"task": "realtime.forget_old_events", "schedule": 3600.0},
    "leavers": {"task": "accounts.end_what_was_left", "schedule": 900.0},
    "expiry": {"task": "accounts.forget_expired", "schedule": 3600.0},
    "accounts": {"task": "accounts.erase_due_accounts", "schedule": 3600.0},
    "idempotency": {"task": "api.forget_old_keys", "schedule": 3600.0},
}


# Both come when all work is done and told. What would follow costs a stopping worker two seconds
# and more: a pool process sleeps for one, and the interpreter is taken apart.
@worker_process_shutdown.connect
def end_pool_process(*, exitcode: int, **_: Any) -> None:
    os._exit(exitcode)


@worker_shutdown.connect
def end_worker(*, sender: Any, **_: Any) -> None:
    os._exit(sender.exitcode or 0)
