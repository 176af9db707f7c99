"""Pictures by which a poster shows that a home is his: for reviewers, and not for long."""

from collections.abc import Sequence
import datetime as dt
from typing import Final
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.audit import services as audit
from ghar.errors import Invalid
from ghar.lib import clock
from ghar.properties.models import Property, Upload
from ghar.properties.services.media import delete_upload
from ghar.properties.states import UploadPurpose
from moderation import policies
from moderation.models import Evidence

KEPT: Final = dt.timedelta(days=30)


@transaction.atomic
def add_evidence(*, listing: Property, upload: Upload, by: User) -> None:
    policies.check_owner(listing, by)
    attach_evidence(listing=listing, upload_ids=[upload.pk], by=by, now=clock.now())


def attach_evidence(
    *, listing: Property, upload_ids: Sequence[uuid.UUID], by: User, now: dt.datetime
) -> None:
    """Uploads that the poster made for this; anybody else's are unknown here."""
    own = Upload.objects.filter(owner=by, purpose=UploadPurpose.EVIDENCE, pk__in=upload_ids)
    if len(own) != len(set(upload_ids)):
        raise Invalid.field("upload_ids", _("One of these pictures is not among your evidence."))
    rows = [Evidence(listing=listing, upload=upload, created_at=now) for upload in own]
    Evidence.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        data = {"uploads": [str(upload.pk) for upload in own]}
        audit.record(by=by, action="evidence_added", target=listing, now=now, data=data)


def forget_old_evidence(*, now: dt.datetime) -> int:
    """Thirty days after the decision nobody needs it. Returns how many."""
    old = Evidence.objects.unneeded_since(now - KEPT).select_related("upload")
    for evidence in old:
        with transaction.atomic():
            delete_upload(evidence.upload)
    return len(old)
