"""Prices stand currency by currency, either of them first."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("properties", "0005_submitted_has_price")]

    operations = [
        AddIndexConcurrently(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "live")),
                fields=["currency", "price_amount", "id"],
                name="property_cheapest",
            ),
        ),
        AddIndexConcurrently(
            model_name="property",
            index=models.Index(
                condition=models.Q(("status", "live")),
                fields=["currency", "-price_amount", "-id"],
                name="property_dearest",
            ),
        ),
        RemoveIndexConcurrently(model_name="property", name="property_by_price"),
    ]
