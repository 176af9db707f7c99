"""The pages of people and likes, as somebody without scripts uses them."""

import html
import re

from django.test import Client
from django.urls import reverse
import pytest

from flatmates.models import Conversation, Match, SocietyTagVote, Swipe
from tests.factories import ProfileFactory, UserFactory
from tests.flatmates.people import hide, like, match_of, pass_on, person, room

pytestmark = pytest.mark.django_db
FORM = {"next": "/people/?city=Kigali"}


@pytest.fixture
def browser(asha):
    return open_browser(asha)


def open_browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


# --- The deck -------------------------------------------------------------------------------------
def test_the_deck_shows_one_person_with_why_and_the_buttons(browser):
    other = person()
    page = text(browser.get("/people/"))
    assert page.count("data-card") == 1
    for words in (
        other.public_name,
        "25-30",
        "100 % fit",
        "Why this person",
        "Super like (5 left)",
    ):
        assert words in page
    assert "Undo the last one" not in page


def test_the_list_shows_the_same_people_at_once(browser):
    ProfileFactory.create_batch(3)
    page = text(browser.get("/people/?view=list"))
    assert page.count("data-card") == 3
    assert "Show as a deck" in page


def test_before_anything_was_asked_it_is_the_readers_city(browser):
    person(city="Huye")
    assert "hide 1 person" in text(browser.get("/people/"))
    assert text(browser.get("/people/?city=")).count("data-card") == 1


@pytest.mark.parametrize(
    ("prepare", "words", "link"),
    [
        (lambda me: None, "Nobody is here yet", "/rooms/"),
        (lambda me: person(city="Huye"), "Nobody fits all of that", "/people/?city="),
        (lambda me: pass_on(me, person()), "You have seen everyone", "/likes/"),
    ],
)
def test_three_kinds_of_empty_each_with_a_next_step(asha, browser, prepare, words, link):
    prepare(asha)
    page = text(browser.get("/people/?city=Kigali"))
    assert words in page
    assert f'href="{link}"' in page


def test_wrong_filters_are_422_with_the_form_kept(browser):
    answer = browser.get("/people/?city=Kigali&age_min=12")
    assert answer.status_code == 422
    assert 'value="12"' in text(answer)


def test_a_swipe_leads_back_to_the_next_card(asha, browser):
    first, second = person(), person()
    answer = browser.post(f"/people/{second.pk}/swipe/", FORM | {"action": "like"}, follow=True)
    assert answer.redirect_chain == [("/people/?city=Kigali", 302)]
    assert f"/people/{first.pk}/swipe/" in text(answer)
    assert "Undo the last one" in text(answer)
    browser.post("/people/undo/", FORM)
    assert not Swipe.objects.exists()


def test_a_match_is_celebrated_with_the_way_to_the_chat(asha, browser):
    other = person()
    like(other, asha)
    answer = browser.post(f"/people/{other.pk}/swipe/", FORM | {"action": "like"}, follow=True)
    chat = Conversation.objects.get()
    assert "It is a match" in text(answer)
    assert f'href="/chats/{chat.pk}/"' in text(answer)
    assert "It is a match" not in text(browser.get("/people/"))


def test_somebody_elses_match_is_not_celebrated(browser):
    match = match_of(person(), person())
    assert "It is a match" not in text(browser.get(f"/people/?match={match.pk}"))


def test_the_script_gets_the_deck_alone_through_the_redirect(browser):
    person()
    answer = browser.get("/people/", headers={"HX-Request": "true"})
    assert text(answer).startswith("<people-deck")


@pytest.mark.parametrize(("action", "status"), [("like", 409), ("love", 404)])
def test_a_refused_swipe_shows_the_deck_with_the_reason(action, status):
    other = person()
    answer = open_browser(UserFactory()).post(f"/people/{other.pk}/swipe/", {"action": action})
    assert answer.status_code == status
    if status == 409:
        assert "finish your own profile first" in text(answer)
    assert not Swipe.objects.exists()


def test_the_sixth_super_like_is_429_and_the_button_says_none_left(asha, browser):
    for _ in range(5):
        like(asha, person(), "super_like")
    other = person()
    answer = browser.post(f"/people/{other.pk}/swipe/", FORM | {"action": "super_like"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Super like (0 left)" in text(answer)


REFUSED_FROM = "/people/?view=list&city=&non_negotiables=no_smoking&non_negotiables=no_pets"


@pytest.fixture
def refused():
    """The list of everybody else, with the reason why a swipe of one of them did not count."""
    other, *_others = ProfileFactory.create_batch(25, pets="none")
    browser = open_browser(UserFactory())
    form = {"action": "like", "next": REFUSED_FROM}
    return browser, browser.post(f"/people/{other.user_id}/swipe/", form)


def test_a_refused_swipe_keeps_every_filter_and_the_people(refused):
    _browser, answer = refused
    page = text(answer)
    assert (answer.status_code, page.count("data-card")) == (409, 20)
    assert page.count('" checked') == 2


def test_each_link_of_a_refused_swipe_leads_to_the_page_of_people(refused):
    browser, answer = refused
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*\?[^"]*)"', text(answer))]
    assert not [link for link in links if link.startswith("?")]
    [more] = [link for link in links if "cursor=" in link]
    assert text(browser.get(more)).count("data-card") == 5


def test_nobody_is_sent_to_another_site(browser):
    answer = browser.post(
        f"/people/{person().pk}/swipe/", {"action": "pass", "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/people/"


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_of_people_costs_the_same_for_one_and_three(
    browser, people, django_assert_num_queries
):
    ProfileFactory.create_batch(people)
    # Session, reader, unread lines; own profile, people, photos, last swipe, super likes.
    with django_assert_num_queries(8):
        browser.get("/people/?view=list&city=Kigali")


# --- Likes ----------------------------------------------------------------------------------------
def test_likes_in_four_lists(asha, browser):
    admirer, liked, peer = person(), person(), person()
    like(admirer, asha, "super_like")
    like(asha, liked)
    match_of(asha, peer)
    place = room(asha)
    like(UserFactory(), place)
    page = text(browser.get("/likes/"))
    for words in (admirer.public_name, liked.public_name, peer.public_name, place.title):
        assert words in page
    assert "1 person is interested" in page


def test_one_likes_back_from_the_likes(asha, browser):
    admirer = person()
    like(admirer, asha)
    form = {"action": "like", "next": "/likes/"}
    answer = browser.post(f"/people/{admirer.pk}/swipe/", form, follow=True)
    assert "It is a match" in text(answer)


def test_a_match_whose_profile_is_hidden_has_a_chat_and_no_page(asha, browser):
    peers = [person(), person()]
    for peer in peers:
        match_of(asha, peer)
    hide(peers[1])
    page = text(browser.get("/likes/"))
    assert [f'href="/people/{peer.pk}/"' in page for peer in peers] == [True, False]
    assert peers[1].public_name in page


def test_unmatch_on_the_page(asha, browser):
    match = match_of(asha, person())
    assert browser.post(f"/matches/{match.pk}/unmatch/")["Location"] == "/likes/"
    assert Match.objects.get().status == "unmatched"
    assert open_browser(person()).post(f"/matches/{match.pk}/unmatch/").status_code == 404


def test_the_lists_fetch_themselves(browser):
    page = text(browser.get("/likes/?part=lists"))
    assert page.startswith('<div class="stack stack--l" data-live-type="match notification"')


# --- On the page of a listing ---------------------------------------------------------------------
def test_interest_opens_the_chat_with_the_host(browser):
    place = room(person())
    assert "I am interested" in text(browser.get(place.get_absolute_url()))
    answer = browser.post(f"/rooms/{place.pk}/interest/", {"action": "like"})
    assert answer["Location"] == Conversation.objects.get().get_absolute_url()
    assert "The host knows" in text(browser.get(place.get_absolute_url()))


def test_visitors_are_asked_to_sign_in_and_hosts_see_no_button(asha, browser):
    place = room(asha)
    assert "I am interested" not in text(browser.get(place.get_absolute_url()))
    assert "Sign in to tell the host" in text(Client().get(place.get_absolute_url()))


def test_neighbours_confirm_and_doubt_tags(browser):
    place = room(person())
    url = f"/rooms/{place.pk}/tags/"
    answer = browser.post(url, {"tag": "Pet friendly", "vote": "up"})
    assert answer["Location"] == f"{place.get_absolute_url()}#society"
    page = text(browser.get(place.get_absolute_url()))
    assert "pet friendly" in page
    assert 'value="up" aria-pressed="true"' in page
    browser.post(url, {"tag": "pet_friendly", "vote": "down"})
    assert SocietyTagVote.objects.get().is_up is False
    browser.post(url, {"tag": "casino betting", "vote": "up"})
    assert "breaks our rules" in text(browser.get(place.get_absolute_url()))


def test_hosts_read_what_neighbours_say_and_visitors_too(asha, browser):
    place = room(asha)
    open_browser(person()).post(f"/rooms/{place.pk}/tags/", {"tag": "quiet", "vote": "up"})
    for reader in (browser, Client()):
        page = text(reader.get(place.get_absolute_url()))
        assert "1 say so, 0 do not" in page
        assert f"/rooms/{place.pk}/tags/" not in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"tag": "pet\0friendly", "vote": "up"}, "Null characters are not allowed"),
        ({"tag": "quiet", "vote": "sideways"}, "Select a valid choice"),
        ({"vote": "up"}, "Please use 2 to 40 letters"),
    ],
)
def test_a_tag_that_cannot_be_kept_is_refused_with_the_reason(browser, form, words):
    place = room(person())
    page = browser.post(f"/rooms/{place.pk}/tags/", form, follow=True)
    assert words in text(page)
    assert not SocietyTagVote.objects.exists()


def test_the_page_of_somebody_one_matched_with_leads_to_the_chat_and_not_to_a_swipe(browser, asha):
    match = match_of(asha, other := person())
    page = text(browser.get(f"/people/{other.pk}/"))
    assert f'href="/chats/{match.conversation_id}/"' in page
    assert reverse("visits:meet", args=[match.conversation_id]) in page
    assert reverse("flatmates:unmatch", args=[match.pk]) in page
    assert 'value="like"' not in page
    browser.post(reverse("flatmates:unmatch", args=[match.pk]))
    assert f"/chats/{match.conversation_id}/" not in text(browser.get(f"/people/{other.pk}/"))
