"""The state tables, frozen into triggers; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

VIEWING = [
    ("confirmed", "cancelled"),
    ("confirmed", "completed"),
    ("confirmed", "rescheduled"),
    ("proposed", "cancelled"),
    ("proposed", "confirmed"),
    ("proposed", "rescheduled"),
    ("rescheduled", "cancelled"),
    ("rescheduled", "confirmed"),
]

OPTION = [
    ("offered", "rejected"),
    ("offered", "selected"),
    ("selected", "offered"),
    ("selected", "rejected"),
]


class Migration(migrations.Migration):
    dependencies = [("viewings", "0001_initial")]
    operations = [
        freeze_transitions("viewing_requests", "status", VIEWING),
        freeze_transitions("viewing_time_options", "status", OPTION),
    ]
