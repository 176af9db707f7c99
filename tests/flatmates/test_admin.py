"""The console: who waits is read and decided about, and lists of choices are changed."""

import json

import pytest

from flatmates.models import Catalog
from flatmates.services.profiles import update_profile
from tests.factories import ProfileFactory, ProfilePhotoFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/flatmates/profile/"
APPROVE = {"action": "approve", "version": "1"}


@pytest.fixture
def console(client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def waiting():
    profile = ProfileFactory(status="pending_review", bio="Call me.", flags=["CONTACT_IN_TEXT"])
    ProfilePhotoFactory(profile=profile)
    return profile


def test_those_who_wait_stand_in_the_queue(console, waiting):
    other = ProfileFactory()
    page = console.get(LIST, {"review": "waiting"}).content.decode()
    assert (waiting.user.full_name in page, other.user.full_name in page) == (True, False)
    assert "CONTACT_IN_TEXT" in page


def test_a_moderator_reads_the_words_and_decides(console, waiting):
    page = console.get(f"{LIST}{waiting.pk}/change/").content.decode()
    assert "Call me." in page
    response = console.post(f"{LIST}{waiting.pk}/review/", APPROVE)
    waiting.refresh_from_db()
    assert (response.status_code, waiting.status) == (302, "active")


@pytest.mark.parametrize(
    "form",
    [
        {"action": "reject", "version": "1"},
        {"action": "delete", "version": "1"},
        {"action": "approve"},
        {"version": "1"},
    ],
)
def test_a_decision_that_says_too_little_keeps_the_form(console, waiting, form):
    response = console.post(f"{LIST}{waiting.pk}/review/", form)
    waiting.refresh_from_db()
    assert (response.status_code, waiting.status) == (422, "pending_review")


def test_words_that_were_changed_meanwhile_are_read_before_they_are_published(console, waiting):
    console.get(f"{LIST}{waiting.pk}/change/")
    update_profile(by=waiting.user, changes={"bio": "Text me on +250 788 000 111."})
    refused = console.post(f"{LIST}{waiting.pk}/review/", APPROVE | {"note": "Welcome."})
    waiting.refresh_from_db()
    assert (refused.status_code, waiting.status) == (409, "pending_review")
    page = refused.content.decode()
    for part in ("Text me on", "Please read it again", 'name="version" value="2"', "Welcome."):
        assert part in page
    console.post(f"{LIST}{waiting.pk}/review/", APPROVE | {"version": "2"})
    waiting.refresh_from_db()
    assert waiting.status == "active"


def test_what_cannot_be_decided_any_more_is_said(console):
    profile = ProfileFactory(status="draft")
    assert console.post(f"{LIST}{profile.pk}/review/", APPROVE).status_code == 409


def test_one_does_not_decide_about_oneself(console, admin):
    mine = ProfileFactory(user=admin, status="pending_review")
    assert "review/" not in console.get(f"{LIST}{mine.pk}/change/").content.decode()
    assert console.post(f"{LIST}{mine.pk}/review/", APPROVE).status_code == 403


def test_only_staff_get_in(client, outsider, waiting):
    client.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"{LIST}{waiting.pk}/review/", APPROVE).status_code == 302
    waiting.refresh_from_db()
    assert waiting.status == "pending_review"


def save_list(console, payload, path="add/", key="vibe_tags"):
    form = {"key": key, "payload": json.dumps(payload)}
    return console.post(f"/admin/flatmates/catalog/{path}", form)


def test_each_save_of_a_list_is_a_new_version(console):
    save_list(console, [{"value": "calm", "label": "Calm"}])
    assert Catalog.objects.get().version == 2
    save_list(console, [{"value": "calm", "label": {"en": "Calm"}}], "vibe_tags/change/")
    assert Catalog.objects.get().version == 3


def test_a_list_of_the_wrong_shape_is_not_saved(console):
    response = save_list(console, [{"value": "calm"}])
    assert response.status_code == 200
    assert "payload" in response.context["adminform"].form.errors
    assert not Catalog.objects.exists()


def test_a_change_of_the_wrong_shape_is_not_saved_either(console, client):
    saved = [{"value": "calm", "label": "Calm"}]
    save_list(console, saved)
    response = save_list(console, {"x": 1}, "vibe_tags/change/")
    assert "payload" in response.context["adminform"].form.errors
    assert Catalog.objects.get().payload == saved
    assert client.get("/api/v1/flatmates/catalogs").status_code == 200


NEVER = {"value": "never", "label": "Never"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([NEVER, {"value": "on_sundays", "label": "On Sundays"}], "Unknown values: on_sundays."),
        ([NEVER, NEVER], "Each value can stand there once."),
    ],
)
def test_what_a_question_offers_can_be_answered(console, options, words):
    question = {"value": "smoking", "label": "Do you smoke?", "options": options}
    response = save_list(console, [question], key="lifestyle_quiz")
    assert response.context["adminform"].form.errors["payload"] == [words]
    save_list(console, [question | {"options": [NEVER]}], key="lifestyle_quiz")
    assert Catalog.objects.get().payload[0]["options"] == [NEVER]


def test_a_question_that_nobody_would_ask_is_not_added(console):
    response = save_list(console, [{"value": "new_one", "label": "New?"}], key="icebreakers")
    errors = response.context["adminform"].form.errors["payload"]
    assert errors == ["Unknown values: new_one."]
    page = console.get("/admin/flatmates/catalog/add/").content.decode()
    assert "The pages of this site keep their own lists and words." in page
