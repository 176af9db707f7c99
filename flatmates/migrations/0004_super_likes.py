"""When somebody was super liked, which a change to a like forgot."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flatmates", "0003_deck_statistics")]
    operations = [
        migrations.AddField(
            model_name="swipe",
            name="super_liked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(
            # Older ones count for nothing.
            "UPDATE flatmate_swipes SET super_liked_at = swiped_at"
            " WHERE action = 'super_like' AND swiped_at > now() - interval '1 day'",
            migrations.RunSQL.noop,
        ),
    ]
