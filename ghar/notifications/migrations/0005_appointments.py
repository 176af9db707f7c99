from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_dispatch_by_worker")]

    operations = [
        migrations.AddField(
            "notification",
            "appointment_id",
            models.UUIDField(blank=True, editable=False, null=True),
        )
    ]
