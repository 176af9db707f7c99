from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_reviews_of_profiles")]

    operations = [
        # What was told before has had its deliveries; nobody asks any more what it was about.
        migrations.AddField(
            "notification",
            "is_dispatched",
            models.BooleanField(default=True, editable=False),
        ),
        migrations.AlterField(
            "notification",
            "is_dispatched",
            models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            "notification",
            "purpose",
            models.CharField(
                choices=[
                    ("messages", "messages"),
                    ("viewings", "viewings and visits"),
                    ("moderation", "reviews of listings"),
                    ("marketing", "news and offers"),
                ],
                default="viewings",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["visible_at"],
                condition=models.Q(is_dispatched=False),
                name="notification_undispatched",
            ),
        ),
    ]
