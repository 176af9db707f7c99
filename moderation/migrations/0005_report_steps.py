"""The steps of a report, frozen into a trigger; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

REPORT = [
    ("open", "actioned"),
    ("open", "dismissed"),
    ("open", "reviewed"),
    ("reviewed", "actioned"),
    ("reviewed", "dismissed"),
]


class Migration(migrations.Migration):
    dependencies = [("moderation", "0004_people")]
    operations = [freeze_transitions("reports", "status", REPORT)]
