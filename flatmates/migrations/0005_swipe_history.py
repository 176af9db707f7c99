"""What the sweep of swipes reads: passes, and likes whose match is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flatmates", "0004_super_likes")]
    operations = [
        migrations.AddIndex(
            model_name="swipe",
            index=models.Index(
                fields=["swiped_at"],
                condition=models.Q(
                    ("action", "pass"), ("spent_at__isnull", False), _connector="OR"
                ),
                name="swipe_history",
            ),
        )
    ]
