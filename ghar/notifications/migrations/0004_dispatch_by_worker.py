from django.db import migrations, models

import ghar.lib.clock


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_reviews_of_profiles")]

    operations = [
        migrations.AddField(
            "notification",
            "is_dispatched",
            models.BooleanField(db_default=True, default=False, editable=False),
        ),
        # Nobody asks for the purpose of a line that is dispatched.
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
                db_default="viewings",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            "notification",
            "created_at",
            models.DateTimeField(default=ghar.lib.clock.now, editable=False),
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
