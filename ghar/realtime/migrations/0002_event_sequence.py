from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE realtime_event_seq", "DROP SEQUENCE realtime_event_seq")
    ]
