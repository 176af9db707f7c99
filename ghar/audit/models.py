from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditChannel(models.TextChoices):
    PAGE = "page", _("page")
    API = "api", _("API")
    ADMIN = "admin", _("admin")
    MCP = "mcp", _("assistant")
    SYSTEM = "system", _("system")


class AuditEvent(models.Model):
    """Who did what to which object, as text that outlives the rows it names.

    Append-only: a trigger refuses UPDATE and DELETE. `id`, `previous_hash` and `hash` are set by
    the insert trigger, which takes a lock first, so that the chain holds under concurrency.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(_("when"))
    actor_kind = models.CharField(_("kind of actor"), max_length=10)
    actor_id = models.CharField(_("actor id"), max_length=40, blank=True)
    actor_label = models.CharField(_("actor"), max_length=120)
    action = models.CharField(_("action"), max_length=60)
    target_type = models.CharField(_("kind of target"), max_length=40)
    target_id = models.CharField(_("target"), max_length=40)
    channel = models.CharField(_("channel"), max_length=10, choices=AuditChannel.choices)
    data = models.JSONField(_("details"), default=dict)
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        db_table = "audit_events"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["target_type", "target_id", "id"], name="audit_by_target"),
            models.Index(fields=["actor_id", "id"], name="audit_by_actor"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Audit rows are written by ghar.audit.services.record alone.")
