from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
import pytest

from moderation.models import Appeal, Case, Evidence, PhotoHash
from moderation.services.decisions import decide_listing
from moderation.services.reports import file_report
from tests.moderation.pictures import as_jpeg, draw

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    def get(user, name, listing):
        client.force_login(user)
        return client.get(reverse(f"moderation:{name}", args=[listing.pk]))

    return get


def test_the_fix_page_has_a_row_for_each_point_with_its_why_and_its_way(page, held, outsider):
    text = page(outsider, "fix", held).content.decode()
    assert "Please add photos you took yourself" in text
    assert "Copied photos are the commonest sign" in text
    assert f"/host/{held.pk}/photos/" in text
    assert f'data-live="property:{held.pk}"' in text
    assert reverse("moderation:appeal", args=[held.pk]) in text


@pytest.mark.parametrize("name", ["fix", "fix-points", "appeal"])
def test_no_page_of_the_poster_shows_the_other_listing_a_score_or_a_hash(
    page, held, original, outsider, name
):
    text = page(outsider, name, held).content.decode()
    secrets = [str(original.pk), original.title, "PHOTO_REUSED", "risk"]
    secrets += PhotoHash.objects.values_list("phash", flat=True)
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize("name", ["fix", "fix-points", "appeal"])
def test_the_pages_of_others_are_not_found(page, held, seeker, admin, name):
    assert page(seeker, name, held).status_code == 404
    assert page(admin, name, held).status_code == 404


def test_nobody_in_particular_is_sent_to_sign_in(client, held):
    path = reverse("moderation:fix", args=[held.pk])
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def test_the_clock_of_the_review_says_nothing_about_the_risk(page, held, passed, outsider, poster):
    for user, listing in ((outsider, held), (poster, passed)):
        assert "At the latest in 24 hours" in page(user, "fix", listing).content.decode()


def test_the_clock_of_the_review_knows_of_no_report(page, passed, admin, poster, seeker):
    decide_listing(listing=passed, action="approve", reason="", by=admin)
    file_report(
        reporter=seeker,
        reported=poster,
        listing=passed,
        reason="spam",
        notes="",
        evidence={},
        content_mark="",
    )
    assert Case.objects.open().get(listing=passed).kind == "report"
    assert "A person looks at it too" not in page(poster, "fix-points", passed).content.decode()


def test_evidence_is_taken_and_ticks_its_point(client, held, outsider):
    client.force_login(outsider)
    picture = SimpleUploadedFile("bill.jpg", as_jpeg(draw(50)), "image/jpeg")
    answer = client.post(reverse("moderation:add-evidence", args=[held.pk]), {"file": picture})
    assert answer.status_code == 302
    upload = Evidence.objects.get(listing=held).upload
    assert (upload.owner, upload.purpose) == (outsider, "evidence")
    text = client.get(reverse("moderation:fix", args=[held.pk])).content.decode()
    assert "checklist__item--done" in text


def test_evidence_that_is_no_picture_keeps_the_page(client, held, outsider):
    client.force_login(outsider)
    text = SimpleUploadedFile("bill.jpg", b"not a picture at all", "image/jpeg")
    answer = client.post(reverse("moderation:add-evidence", args=[held.pk]), {"file": text})
    assert answer.status_code == 415
    assert "Please send a JPEG" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_the_poster_asks_a_person_and_only_once(client, held, outsider):
    client.force_login(outsider)
    path = reverse("moderation:appeal", args=[held.pk])
    assert client.post(path, {"message": "I took these photos."}).status_code == 302
    assert Appeal.objects.get(listing=held).message == "I took these photos."
    assert client.post(path, {"message": "Again."}).status_code == 409


def test_an_empty_appeal_keeps_the_form(client, held, outsider):
    client.force_login(outsider)
    answer = client.post(reverse("moderation:appeal", args=[held.pk]), {"message": ""})
    assert answer.status_code == 422
    assert not Appeal.objects.exists()
