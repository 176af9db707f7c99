"""The band indexes of the photo search, see moderation.photo_index."""

from django.db import migrations

from moderation.photo_index import band_index_sql

MAKE, DROP = band_index_sql()


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_steps")]
    operations = [migrations.RunSQL(MAKE, DROP)]
