"""The Celery application. Beat's schedule is static; what is due stands in rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ghar.settings")

app = Celery("ghar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A wake-up can be lost with Redis; these sweeps find the due rows again.
    "media": {"task": "properties.process_due_media", "schedule": 20.0},
    "listings": {"task": "properties.expire_listings", "schedule": 900.0},
    "checks": {"task": "moderation.run_due_checks", "schedule": 20.0},
    "evidence": {"task": "moderation.forget_old_evidence", "schedule": 3600.0},
    "reminders": {"task": "viewings.send_due_reminders", "schedule": 5.0},
    "holds": {"task": "viewings.release_expired_holds", "schedule": 30.0},
    "viewings": {"task": "viewings.close_past_viewings", "schedule": 300.0},
    "deliveries": {"task": "notifications.send_due_deliveries", "schedule": 10.0},
    "notifications": {"task": "notifications.forget_old", "schedule": 3600.0},
    "events": {"task": "realtime.forget_old_events", "schedule": 3600.0},
    "accounts": {"task": "accounts.erase_due_accounts", "schedule": 3600.0},
    "idempotency": {"task": "api.forget_old_keys", "schedule": 3600.0},
}
