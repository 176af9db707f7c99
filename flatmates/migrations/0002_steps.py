"""The state tables, frozen into triggers; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

PROFILE = [
    ("active", "draft"),
    ("active", "paused"),
    ("active", "pending_review"),
    ("active", "rejected"),
    ("draft", "active"),
    ("draft", "pending_review"),
    ("paused", "active"),
    ("paused", "pending_review"),
    ("paused", "rejected"),
    ("pending_review", "active"),
    ("pending_review", "rejected"),
    ("rejected", "pending_review"),
]

MATCH = [
    ("active", "blocked"),
    ("active", "unmatched"),
    ("blocked", "active"),
    ("unmatched", "active"),
    ("unmatched", "blocked"),
]

CONVERSATION = [
    ("active", "blocked"),
    ("active", "closed"),
    ("blocked", "active"),
    ("closed", "active"),
    ("closed", "blocked"),
]


class Migration(migrations.Migration):
    dependencies = [("flatmates", "0001_initial")]
    operations = [
        freeze_transitions("flatmate_profiles", "status", PROFILE),
        freeze_transitions("flatmate_matches", "status", MATCH),
        freeze_transitions("flatmate_conversations", "status", CONVERSATION),
    ]
