from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0004_saved")]

    operations = [
        migrations.AddConstraint(
            model_name="property",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "withdrawn"]),
                    ("price_amount__isnull", False),
                    _connector="OR",
                ),
                name="property_submitted_has_price",
            ),
        ),
    ]
