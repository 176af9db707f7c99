"""Whether somebody without an account is where their session says, or only asked about a place there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_kept_visits")]
    operations = [
        migrations.AddField(
            model_name="seekersession",
            name="is_zone_guessed",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
    ]
