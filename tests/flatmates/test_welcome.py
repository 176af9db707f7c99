"""The welcome, one's own page and somebody's page, without JavaScript."""

import datetime as dt

from django.core.files.base import ContentFile
import pytest

from flatmates.models import Profile, ProfilePhoto
from flatmates.rules.completeness import STEPS
from ghar.lib import clock
from tests.factories import ProfileFactory, ProfilePhotoFactory, picture
from tests.flatmates.test_profile_api import SECRETS, peer  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db

SAID = {
    "why": {"mode": "co_hunter"},
    "place": {"city": "Kigali", "locality": "Kacyiru", "budget_max": "300000"},
    "move-in": {"move_in_timeline": "flexible"},
    "life": {"sleep_schedule": "early_bird", "smoking": "never", "pets": "none"},
    "about": {"age": "27", "bio": "Quiet evenings."},
    "wishes": {"gender_preference": "any", "non_negotiables": ["no_smoking"]},
}


@pytest.fixture
def browser(client, seeker):
    client.force_login(seeker, backend="django.contrib.auth.backends.ModelBackend")
    return client


def step(browser, name, **said):
    return browser.post(f"/welcome/{name}/", said)


def test_six_steps_lead_to_a_visible_profile(browser):
    names = list(STEPS)
    for name, after in zip(names, [*names[1:], None], strict=True):
        assert browser.get(f"/welcome/{name}/").status_code == 200
        response = step(browser, name, **SAID[name])
        expected = f"/welcome/{after}/" if after else "/me/"
        assert (response.status_code, response["Location"]) == (302, expected)
    profile = Profile.objects.get()
    assert (profile.status, profile.age, profile.currency) == ("active", 27, "RWF")
    assert profile.non_negotiables == ["no_smoking"]


def test_each_step_is_saved_by_itself_and_shown_again(browser):
    step(browser, "place", **SAID["place"])
    assert Profile.objects.get().locality == "Kacyiru"
    assert b'value="Kacyiru"' in browser.get("/welcome/place/").content


def test_who_skips_everything_is_told_what_is_missing(browser):
    response = browser.post("/welcome/wishes/", {"skip": "1"}, follow=True)
    assert Profile.objects.get().status == "draft"
    for words in (b"Say what brings you here.", b"Say in which city you look.", b"/welcome/about/"):
        assert words in response.content


def test_a_step_changes_a_profile_that_is_there_and_leads_back(browser, seeker):
    ProfileFactory(user=seeker)
    response = step(browser, "why", mode="room_poster")
    assert (response["Location"], Profile.objects.get().mode) == ("/me/", "room_poster")


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("about", {"age": "17"}, "age"),
        ("about", {"linkedin_url": "javascript:1"}, "linkedin_url"),
        ("place", {"budget_min": "9", "budget_max": "1"}, "budget_max"),
        ("wishes", {"strict_non_negotiables": ["no_pets"]}, "strict_non_negotiables"),
        ("life", {"sleep_schedule": "never"}, "sleep_schedule"),
    ],
)
def test_what_is_wrong_keeps_the_form_and_says_where(browser, name, said, field):
    response = step(browser, name, **said)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert b"error-summary" in response.content


def test_a_photo_comes_with_the_step_about_oneself(browser, seeker):
    assert step(browser, "about", age="27", photo=picture()).status_code == 302
    assert ProfilePhoto.objects.get().profile.user == seeker


def test_what_is_no_picture_changes_nothing_else(browser):
    bad = ContentFile(b"hello", name="a.jpg")
    assert step(browser, "about", age="27", photo=bad).status_code == 415
    assert not Profile.objects.exists()


def test_there_is_no_other_step(browser):
    assert browser.get("/welcome/nowhere/").status_code == 404


# --- One's own page ---------------------------------------------------------------------------------
def test_my_page_shows_my_profile_and_lets_me_pause_and_come_back(browser, seeker):
    ProfileFactory(user=seeker)
    page = browser.get("/me/").content
    assert b"95 % said" in page
    assert b"Seen by 0 people this week." in page
    assert browser.post("/me/profile/pause/")["Location"] == "/me/"
    assert b"You paused it." in browser.get("/me/").content
    browser.post("/me/profile/resume/")
    assert Profile.objects.get().status == "active"


def test_my_page_is_read_without_a_profile_and_makes_none(client, seeker):
    client.force_login(seeker, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/me/").content
    assert (b"My profile" in page, b"As others see me" in page) == (True, False)
    assert not Profile.objects.exists()


def test_a_pause_that_is_not_mine_to_end_has_no_button(browser, seeker):
    ProfileFactory(
        user=seeker, status="paused", pause_reason="reports", is_paused_by_moderation=True
    )
    page = browser.get("/me/").content
    assert b"A moderator is looking." in page
    assert b"/me/profile/resume/" not in page
    assert (
        b"This step is not possible now."
        in browser.post("/me/profile/resume/", follow=True).content
    )


def test_photos_are_added_moved_and_removed_without_a_script(browser, seeker):
    photos = [
        ProfilePhotoFactory(profile=p, position=n)
        for p in [ProfileFactory(user=seeker)]
        for n in range(2)
    ]
    ids = [str(photo.upload_id) for photo in photos]
    assert browser.get("/me/photos/").status_code == 200
    browser.post("/me/photos/", {"order": ids, "move": f"{ids[1]}:earlier"})
    assert [str(p.upload_id) for p in ProfilePhoto.objects.all()] == ids[::-1]
    browser.post("/me/photos/", {"remove": ids[0]})
    assert browser.post("/me/photos/", {"file": [picture(shade=3)]}).status_code == 302
    assert ProfilePhoto.objects.count() == 2
    assert browser.post("/me/photos/", {}).status_code == 422


@pytest.mark.parametrize(
    "form", [{"move": "x"}, {"remove": "x"}, {"move": "x:earlier", "order": ["x"]}]
)
def test_a_form_that_no_page_made_is_not_found(browser, form):
    assert browser.post("/me/photos/", form).status_code == 404


# --- Somebody's page --------------------------------------------------------------------------------
def test_somebodys_page_says_why_and_none_of_the_secrets(browser, seeker, peer):  # noqa: F811
    ProfileFactory(user=seeker, sleep_schedule="", cleanliness="spotless")
    page = browser.get(f"/people/{peer.user_id}/").content.decode()
    assert [secret for secret in SECRETS if secret in page] == []
    for words in (
        "Bella B.",
        "46+",
        "Why this person",
        "88 %",
        "6 of 7 answers",
        "Answer now",
        "E-mail verified",
    ):
        assert words in page


def test_buttons_lead_to_the_swipe_the_report_and_the_block(browser, peer):  # noqa: F811
    page = browser.get(f"/people/{peer.user_id}/").content.decode()
    for path in ("swipe", "report", "block"):
        assert f"/people/{peer.user_id}/{path}/" in page
    for said in ("pass", "like", "super_like"):
        assert f'name="action" value="{said}"' in page


def test_my_own_page_is_what_others_see_without_the_buttons(browser, seeker):
    ProfileFactory(user=seeker, status="draft")
    page = browser.get(f"/people/{seeker.pk}/").content.decode()
    assert "This is how others see you" in page
    assert 'value="super_like"' not in page


@pytest.mark.parametrize("status", ["draft", "paused", "pending_review", "rejected"])
def test_whoever_is_hidden_has_no_page(browser, status):
    hidden = ProfileFactory(status=status)
    assert browser.get(f"/people/{hidden.user_id}/").status_code == 404


def test_a_page_has_its_budget_of_statements(browser, seeker, peer, django_assert_max_num_queries):  # noqa: F811
    ProfileFactory(user=seeker)
    for _n in range(3):
        ProfilePhotoFactory(profile=peer)
    browser.get(f"/people/{peer.user_id}/")
    with django_assert_max_num_queries(9):
        browser.get(f"/people/{peer.user_id}/")


def test_who_is_paused_by_the_day_finds_the_way_back(browser, seeker):
    long_ago = clock.now().date() - dt.timedelta(days=3)
    paused = {"status": "paused", "pause_reason": "move_in_passed"}
    ProfileFactory(user=seeker, move_in_date=long_ago, **paused)
    assert b"Choose a new day" in browser.get("/me/").content
    assert (
        b"Your move-in date has passed." in browser.post("/me/profile/resume/", follow=True).content
    )
    step(browser, "move-in", move_in_timeline="flexible", move_in_date="")
    browser.post("/me/profile/resume/")
    assert Profile.objects.get().status == "active"


def test_who_waits_is_told_so(browser, seeker):
    ProfileFactory(user=seeker, status="pending_review")
    assert b"reads your words before others do" in browser.get("/me/").content
