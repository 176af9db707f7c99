from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
import pytest

from ghar.properties.models import Property
from ghar.properties.services.listings import edit_listing
from moderation.models import Appeal, Case, Evidence, PhotoHash, RiskScore
from moderation.rules.checklist import MESSAGES
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


def with_points(listing, *codes):
    points = [{"code": code, "satisfied": False} for code in codes]
    RiskScore.objects.filter(listing=listing).update(summary=points)
    return listing


def test_what_is_still_open_is_said_and_linked_while_a_person_looks_at_it(client, passed, poster):
    with_points(passed, "PHOTO_TOO_FEW", "ADDRESS_INCOMPLETE")
    client.force_login(poster)
    fix_path = reverse("moderation:fix", args=[passed.pk])
    for path in (fix_path, reverse("properties:state", args=[passed.pk])):
        text = client.get(path).content.decode()
        assert "You can still settle 2 points; that makes a yes likelier." in text
        assert "nothing you need to do" not in text
    assert f'href="{fix_path}"' in text


def test_where_nothing_is_open_there_is_nothing_to_do(client, passed, poster):
    with_points(passed)
    client.force_login(poster)
    assert (
        "nothing you need to do"
        in client.get(reverse("moderation:fix", args=[passed.pk])).content.decode()
    )
    text = client.get(reverse("properties:state", args=[passed.pk])).content.decode()
    assert ("You can still settle" in text, "/fix/" in text) == (False, False)


def test_a_listing_that_is_live_is_not_told_that_there_is_nothing_above_its_points(
    client, passed, poster
):
    Property.objects.filter(pk=passed.pk).update(status="live")
    client.force_login(poster)
    for codes, words in (([], "There is nothing to do."), (["PHOTO_TOO_FEW"], "make it better")):
        with_points(passed, *codes)
        assert words in client.get(reverse("moderation:fix", args=[passed.pk])).content.decode()


def test_a_contact_in_the_text_of_a_live_listing_is_no_bar_and_its_host_is_told(
    client, passed, poster, admin, on_commit
):
    decide_listing(listing=passed, action="approve", reason="", by=admin)
    words = "A quiet flat with a balcony. Call 0788 123 456 or write to jo@example.org."
    with on_commit():
        edit_listing(listing=passed, by=poster, description=words)
    passed.refresh_from_db()
    assert passed.is_live
    client.force_login(poster)
    fix_path = reverse("moderation:fix", args=[passed.pk])
    text = client.get(reverse("properties:state", args=[passed.pk])).content.decode()
    assert "1 point would make it better." in text
    assert f'href="{fix_path}"' in text
    assert "Please take phone numbers, e-mail" in client.get(fix_path).content.decode()


def test_a_point_leads_to_its_field_and_back_to_the_list(client, passed, poster):
    with_points(passed, "CONTACT_UNVERIFIED")
    client.force_login(poster)
    fix_path = reverse("moderation:fix", args=[passed.pk])
    [point] = client.get(fix_path).context["points"]
    path, _hash, anchor = point["url"].partition("#")
    assert point["action"] == "Change the phone number"
    form = client.get(path)
    assert (f'id="{anchor}"' in form.content.decode(), form.context["back"]) == (True, fix_path)
    body = {
        "price": "1",
        "currency": "RWF",
        "viewing_confirmation": "manual",
        "rent_period": "month",
    }
    answer = client.post(path, body | {"contact_phone": "+250788123456"})
    assert (answer.status_code, answer["Location"]) == (302, fix_path)


def test_every_point_that_is_a_field_of_the_builder_leads_to_it(client, passed, poster):
    client.force_login(poster)
    with_points(passed, *MESSAGES)
    for point in client.get(reverse("moderation:fix", args=[passed.pk])).context["points"]:
        path, _hash, anchor = point["url"].partition("#")
        assert not anchor or f'id="{anchor}"' in client.get(path).content.decode()


def test_one_comes_back_from_a_form_only_to_a_path_of_ours(client, passed, poster):
    client.force_login(poster)
    step = f"/host/new/text/?listing={passed.pk}&next=https://example.org/"
    assert client.get(step).context["back"] == ""
    assert client.post(step, {"title": "A room"})["Location"] == f"/host/{passed.pk}/"
