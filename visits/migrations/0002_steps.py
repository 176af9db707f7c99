"""The table of steps, frozen into a trigger; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

VISIT = [
    ("cancelled", "confirmed"),
    ("cancelled", "rescheduled"),
    ("cancelled", "scheduled"),
    ("completed", "confirmed"),
    ("confirmed", "cancelled"),
    ("confirmed", "completed"),
    ("confirmed", "rescheduled"),
    ("confirmed", "scheduled"),
    ("rescheduled", "cancelled"),
    ("rescheduled", "confirmed"),
    ("rescheduled", "scheduled"),
    ("scheduled", "cancelled"),
    ("scheduled", "confirmed"),
    ("scheduled", "rescheduled"),
]


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial")]
    operations = [freeze_transitions("visits", "status", VISIT)]
