"""Numbers are looked for among all that a listing names, its contact and those in its text."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.models.fields.json import KeyTransform


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("moderation", "0010_common_photos")]

    operations = [
        AddIndexConcurrently(
            model_name="fingerprint",
            index=GinIndex(
                KeyTransform("phone_hashes", "norm_fields"), name="fingerprint_by_phones"
            ),
        ),
        RemoveIndexConcurrently(model_name="fingerprint", name="fingerprint_by_phone"),
    ]
