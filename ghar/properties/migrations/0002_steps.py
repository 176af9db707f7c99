"""The state tables, frozen into triggers; tests/test_architecture.py compares the two."""

from django.db import migrations

from ghar.lib.triggers import freeze_transitions

LISTING = [
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("expired", "live"),
    ("expired", "withdrawn"),
    ("hold_for_review", "live"),
    ("hold_for_review", "needs_edit"),
    ("hold_for_review", "pending_review"),
    ("hold_for_review", "rejected"),
    ("hold_for_review", "submitted"),
    ("hold_for_review", "withdrawn"),
    ("live", "expired"),
    ("live", "hold_for_review"),
    ("live", "paused"),
    ("live", "pending_review"),
    ("live", "rejected"),
    ("live", "submitted"),
    ("live", "withdrawn"),
    ("needs_edit", "hold_for_review"),
    ("needs_edit", "pending_review"),
    ("needs_edit", "submitted"),
    ("needs_edit", "withdrawn"),
    ("paused", "expired"),
    ("paused", "hold_for_review"),
    ("paused", "live"),
    ("paused", "rejected"),
    ("paused", "submitted"),
    ("paused", "withdrawn"),
    ("pending_review", "hold_for_review"),
    ("pending_review", "live"),
    ("pending_review", "needs_edit"),
    ("pending_review", "rejected"),
    ("pending_review", "withdrawn"),
    ("rejected", "hold_for_review"),
    ("rejected", "pending_review"),
    ("rejected", "submitted"),
    ("rejected", "withdrawn"),
    ("submitted", "hold_for_review"),
    ("submitted", "live"),
    ("submitted", "paused"),
    ("submitted", "pending_review"),
    ("submitted", "rejected"),
    ("submitted", "withdrawn"),
]

MEDIA = [
    ("processing", "failed"),
    ("processing", "ready"),
]

UPLOAD = [
    ("processing", "failed"),
    ("processing", "ready"),
]


class Migration(migrations.Migration):
    dependencies = [("properties", "0001_initial")]
    operations = [
        freeze_transitions("properties", "status", LISTING),
        freeze_transitions("property_media", "status", MEDIA),
        freeze_transitions("uploads", "status", UPLOAD),
    ]
