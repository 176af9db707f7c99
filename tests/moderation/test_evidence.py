import datetime as dt

from django.core.files.uploadedfile import SimpleUploadedFile
import pytest

from ghar.lib import clock
from ghar.properties.models import Upload
from ghar.properties.services.media import add_upload, original_path
from moderation.services.decisions import decide_listing
from moderation.services.evidence import add_evidence, forget_old_evidence
from tests.moderation.pictures import as_jpeg, draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(held, outsider):
    picture = SimpleUploadedFile("bill.jpg", as_jpeg(draw(80)), "image/jpeg")
    made = add_upload(file=picture, purpose="evidence", by=outsider)
    add_evidence(listing=held, upload=made, by=outsider)
    return made


def in_days(days: int) -> dt.datetime:
    return clock.now() + dt.timedelta(days=days)


def test_evidence_of_an_undecided_listing_stays(upload):
    assert forget_old_evidence(now=in_days(60)) == 0
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_evidence_goes_thirty_days_after_the_decision_with_its_file(upload, held, admin, on_commit):
    decide_listing(listing=held, action="reject", reason="Not yours.", by=admin)
    folder = original_path(upload).parent
    assert forget_old_evidence(now=in_days(29)) == 0
    with on_commit():
        assert forget_old_evidence(now=in_days(31)) == 1
    assert not Upload.objects.filter(pk=upload.pk).exists()
    assert not folder.exists()
