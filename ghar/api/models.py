from django.db import models

from ghar.lib.ids import uuid7


class IdempotencyKey(models.Model):
    """The first answer to a write that carried an Idempotency-Key, remembered for a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    caller = models.CharField(max_length=50)
    key = models.CharField(max_length=255)
    # SHA-256 over method, path and body: the same key with another body is a mistake.
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key
