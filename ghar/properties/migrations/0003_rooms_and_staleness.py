import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import ghar.lib.ids

# What is there already ranks as it did, says who paused it, and limits nobody in a whole home.
FILL = """
UPDATE properties SET rank_at = published_at + interval '24 hours' WHERE published_at IS NOT NULL;
UPDATE properties SET pause_reason = CASE WHEN is_paused_by_moderation THEN 'moderation' ELSE 'owner' END
    WHERE status = 'paused';
UPDATE properties SET gender_preference = ''
    WHERE gender_preference NOT IN ('', 'any')
    AND NOT (property_type IN ('flatmate', 'pg') AND sharing_type <> 'entire_flat')
    AND NOT (property_type = 'room' AND sharing_type = 'shared_room');
"""

COSTS = [
    ("water", "Water"),
    ("electricity", "Electricity"),
    ("internet", "Internet"),
    ("maintenance", "Maintenance"),
    ("cleaning", "Cleaning"),
    ("gas", "Gas"),
]
PAUSE_REASONS = [
    ("owner", "Nobody finds it while it is paused."),
    ("move_in_passed", "The move-in date has passed. Choose a new one to bring it back."),
    (
        "not_confirmed",
        "We did not hear whether it is still available. If it is, show it again.",
    ),
    ("moderation", "Our team has paused it. We tell you when that changes."),
    ("reports", "Several people reported it, so we look at it. We will tell you."),
]
DUE_STATES = [
    ("due", "due"),
    ("done", "done"),
    ("skipped", "not needed any more"),
    ("dead", "given up after five tries"),
]


class Migration(migrations.Migration):
    dependencies = [("properties", "0002_steps")]

    operations = [
        migrations.CreateModel(
            name="GeocodeJob",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=ghar.lib.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=DUE_STATES, default="due", max_length=10, verbose_name="state"
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "lease_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="held until"),
                ),
                (
                    "last_error",
                    models.CharField(blank=True, max_length=200, verbose_name="last error"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("subject_type", models.CharField(max_length=20)),
                ("subject_id", models.UUIDField()),
                ("city", models.CharField(max_length=80)),
                ("locality", models.CharField(blank=True, max_length=80)),
            ],
            options={"db_table": "geocode_jobs"},
        ),
        migrations.AddIndex(
            model_name="geocodejob",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["due_at"], name="geocode_job_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="geocodejob",
            constraint=models.UniqueConstraint(
                fields=("subject_type", "subject_id"), name="geocode_job_one_a_subject"
            ),
        ),
        migrations.AddField(
            model_name="property",
            name="asked_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="property",
            name="rank_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="property",
            name="pause_reason",
            field=models.CharField(
                blank=True, choices=PAUSE_REASONS, default="", editable=False, max_length=15
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="property",
            name="lives_here",
            field=models.BooleanField(default=False, verbose_name="I live there myself"),
        ),
        migrations.AddField(
            model_name="property",
            name="has_own_bathroom",
            field=models.BooleanField(default=False, verbose_name="the room has its own bathroom"),
        ),
        migrations.AddField(
            model_name="property",
            name="extra_costs_amount",
            field=models.BigIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000000000000),
                ],
                verbose_name="bills and maintenance a month",
            ),
        ),
        migrations.AddField(
            model_name="property",
            name="costs_included",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=COSTS, max_length=12),
                blank=True,
                default=list,
                size=6,
                verbose_name="in the monthly cost",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="property", name="property_newest"),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "live")),
                fields=["-rank_at", "-id"],
                name="property_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("asked_at", None), ("status", "live")),
                fields=["expires_at"],
                name="property_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False), ("status", "live")),
                fields=["asked_at"],
                name="property_unanswered",
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "paused")),
                fields=["expires_at"],
                name="property_paused_until",
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("property_type__in", ["flatmate", "pg"]), ("status", "live")),
                fields=["available_from"],
                name="property_move_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="property",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gender_preference__in", ["", "any"]),
                    models.Q(
                        ("property_type__in", ["flatmate", "pg"]),
                        models.Q(("sharing_type", "entire_flat"), _negated=True),
                    ),
                    models.Q(("property_type", "room"), ("sharing_type", "shared_room")),
                    _connector="OR",
                ),
                name="property_gender_only_where_shared",
                violation_error_message="Who may live in a whole home cannot be limited.",
            ),
        ),
        migrations.AddConstraint(
            model_name="property",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("extra_costs_amount", None), ("extra_costs_amount__gte", 0), _connector="OR"
                ),
                name="property_extra_costs_not_negative",
            ),
        ),
    ]
