from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_remove_verificationcode_code_hash"),
        ("properties", "0003_places"),
        ("viewings", "0002_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="viewingrequest",
            name="viewing_one_open_per_user",
        ),
        migrations.AlterField(
            model_name="viewingevent",
            name="event_type",
            field=models.TextField(
                choices=[
                    ("created", "Request sent"),
                    ("offered", "Times offered"),
                    ("selected", "Time chosen"),
                    ("confirmed", "Confirmed"),
                    ("rescheduled", "New times asked for"),
                    ("cancelled", "Cancelled"),
                    ("reminded", "Reminder sent"),
                    ("completed", "Took place"),
                    ("hold_expired", "Chosen time released"),
                    ("claimed", "Moved to an account"),
                    ("expired", "Ran out"),
                    ("admin_intervened", "Our team stepped in"),
                    ("meeting_point", "Meeting point given"),
                    ("notified", "Message sent"),
                    ("frozen", "On hold with the listing"),
                    ("unfrozen", "Goes on"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="viewingrequest",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("attended", "Both came"),
                    ("visitor_no_show", "The visitor did not come"),
                    ("host_no_show", "The host did not come"),
                    ("not_accessible", "The place could not be seen"),
                ],
                max_length=30,
                verbose_name="outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="viewingrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("seeker_session", None),
                    ("status__in", ["proposed", "confirmed", "rescheduled"]),
                ),
                fields=("listing", "seeker"),
                name="viewing_one_open_per_user",
            ),
        ),
    ]
