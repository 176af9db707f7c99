"""How often each city stands in a profile.

The planner does not take this from the partial index of the deck, takes every city for a rare one and
sorts its people instead of reading them in order.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("flatmates", "0002_steps")]
    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS flatmate_profiles_of_city ON (upper(city)) FROM flatmate_profiles",
            "DROP STATISTICS flatmate_profiles_of_city",
        )
    ]
