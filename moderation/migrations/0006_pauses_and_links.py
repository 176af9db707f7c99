"""What a report must remember: whom it links, whether its pause was lifted, who handed it over.

The constraint on open reports took all who have left for one reporter, so that the second of them
could not leave.
"""

from django.conf import settings
import django.contrib.postgres.fields
from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_report_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_one_open",
        ),
        migrations.AddField(
            model_name="case",
            name="escalated_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="pause_lifted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="links",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80), default=list, editable=False, size=None
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("DUPLICATE_LISTING", "Duplicate Listing"),
                        ("PHOTO_REUSED", "Photo Reused"),
                        ("PRICE_OUTLIER", "Price Outlier"),
                        ("THIN_LISTING", "Thin Listing"),
                        ("SPAM_TEXT", "Spam Text"),
                        ("CONTACT_IN_TEXT", "Contact In Text"),
                        ("PHONE_REUSED", "Phone Reused"),
                        ("DISCRIMINATORY_TEXT", "Discriminatory Text"),
                        ("MISSING_PHOTOS", "Missing Photos"),
                        ("MISSING_KEY_FIELD", "Missing Key Field"),
                        ("SUSPICIOUS_PRICING", "Suspicious Pricing"),
                        ("ADULT_CONTENT", "Adult Content"),
                        ("ILLEGAL_SUBSTANCES", "Illegal Substances"),
                        ("COMMERCIAL_SPAM", "Commercial Spam"),
                        ("OFF_PLATFORM_SPAM", "Off Platform Spam"),
                        ("spam", "Spam or advertising"),
                        ("fake_profile", "Not a real person or place"),
                        ("abuse", "Threats, insults or harassment"),
                        ("inappropriate", "Sexual or otherwise unfitting"),
                        ("other", "Something else"),
                    ],
                    max_length=30,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="reasons",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("reporter", "reported", "listing"),
                name="report_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("listing", None), ("status", "open")),
                fields=("reporter", "reported"),
                name="report_one_open_a_person",
            ),
        ),
    ]
