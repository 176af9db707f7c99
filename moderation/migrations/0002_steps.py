"""The state tables, frozen into triggers; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

CASE = [
    ("decided", "open"),
    ("open", "closed"),
    ("open", "decided"),
]

APPEAL = [
    ("open", "overturned"),
    ("open", "upheld"),
]


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [
        freeze_transitions("moderation_cases", "status", CASE),
        freeze_transitions("moderation_appeals", "status", APPEAL),
    ]
