"""Prices stand currency by currency, either of them first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0005_submitted_has_price")]

    operations = [
        migrations.RemoveIndex(model_name="property", name="property_by_price"),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "live")),
                fields=["currency", "price_amount", "id"],
                name="property_cheapest",
            ),
        ),
        migrations.AddIndex(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "live")),
                fields=["currency", "-price_amount", "-id"],
                name="property_dearest",
            ),
        ),
    ]
