from django.urls import reverse
import pytest

from moderation.models import Block, Report
from moderation.services.blocks import block_person
from tests.factories import LiveListingFactory, ProfileFactory, UserFactory
from tests.flatmates.people import match_of, person

pytestmark = pytest.mark.django_db
BLOCKED = "/settings/blocked/"


@pytest.fixture
def asha(client):
    user = ProfileFactory(user__full_name="Asha Seeker").user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


@pytest.fixture
def mira():
    return ProfileFactory(user__full_name="Mira Host").user


def report_page(user, query: str = "") -> str:
    return reverse("flatmates:report", args=[user.pk]) + query


def block_page(user) -> str:
    return reverse("flatmates:block", args=[user.pk])


def text_of(answer) -> str:
    return answer.content.decode()


def test_the_report_page_says_what_happens_before_and_after(client, asha, mira):
    before = client.get(report_page(mira))
    assert "What happens next" in text_of(before)
    assert "Mira H. does not learn that it was you." in text_of(before)
    sent = client.post(report_page(mira), {"reason": "abuse", "notes": "Shouted at me."})
    assert (sent.status_code, sent["Location"]) == (302, report_page(mira))
    after = text_of(client.get(report_page(mira)))
    assert "Thank you for telling us" in after
    assert "Shouted at me." in after
    assert "Block Mira H." in after
    assert Report.objects.get().notes == "Shouted at me."


def test_without_a_reason_the_form_comes_back_with_its_words(client, asha, mira):
    answer = client.post(report_page(mira), {"notes": "Shouted at me."})
    assert answer.status_code == 422
    assert "Shouted at me." in text_of(answer)
    assert "error-summary" in text_of(answer)
    assert not Report.objects.exists()


def test_a_report_may_block_too(client, asha, mira):
    chat = match_of(asha, mira).conversation
    page = report_page(mira, f"?conversation={chat.pk}")
    assert "your last thirty messages" in text_of(client.get(page))
    assert client.post(page, {"reason": "spam", "also_block": "on"}).status_code == 302
    assert Block.objects.get().blocked == mira
    assert Report.objects.get().conversation_id == chat.pk
    assert "You do not see each other any more." in text_of(client.get(page))


def test_a_second_post_of_the_form_files_nothing_more(client, asha, mira):
    for _ in range(2):
        client.post(report_page(mira), {"reason": "spam"})
    assert Report.objects.count() == 1


def test_a_listing_leads_to_a_report_about_it(client, asha, mira):
    listing = LiveListingFactory(owner=mira)
    page = report_page(mira, f"?listing={listing.pk}")
    assert page in text_of(client.get(listing.get_absolute_url()))
    assert "Report this listing" in text_of(client.get(page))
    client.post(page, {"reason": "fake_profile"})
    assert Report.objects.get().listing == listing


def test_the_owner_of_a_listing_is_offered_no_report(client, asha):
    listing = LiveListingFactory(owner=asha)
    assert "Report this listing" not in text_of(client.get(listing.get_absolute_url()))


def test_who_may_not_see_somebody_finds_no_report_page(client, asha, mira):
    listing, chat = LiveListingFactory(), match_of(mira, person()).conversation
    for page in (
        report_page(UserFactory()),
        report_page(asha),
        report_page(mira, f"?listing={listing.pk}"),
        report_page(mira, f"?conversation={chat.pk}"),
        report_page(mira, "?conversation=nonsense"),
    ):
        assert client.get(page).status_code == 404, page
        assert client.post(page, {"reason": "spam"}).status_code == 404, page


def test_without_a_script_the_site_asks_before_it_blocks(client, asha, mira):
    asked = client.post(block_page(mira))
    assert (asked.status_code, Block.objects.count()) == (200, 0)
    assert 'name="confirmed"' in text_of(asked)
    done = client.post(block_page(mira), {"confirmed": "1"}, follow=True)
    assert done.redirect_chain == [(BLOCKED, 302)]
    assert "Mira H. is blocked." in text_of(done)
    assert Block.objects.get().blocker == asha


def test_the_forms_that_block_ask_first(client, asha, mira):
    chat = match_of(asha, mira).conversation
    for path in (chat.get_absolute_url(), f"/people/{mira.pk}/"):
        page = text_of(client.get(path))
        form = page[page.index(f'action="{block_page(mira)}"') :].split(">")[0]
        assert "data-confirm=" in form, path


def test_blocked_people_are_listed_and_taken_back(client, asha, mira):
    assert "You have blocked nobody" in text_of(client.get(BLOCKED))
    block = block_person(target=mira, by=asha)
    assert "Mira H." in text_of(client.get(BLOCKED))
    answer = client.post(BLOCKED, {"block": str(block.pk)}, follow=True)
    assert "Mira H. is not blocked any more." in text_of(answer)
    assert not Block.objects.exists()
    assert BLOCKED in text_of(client.get("/settings/"))


def test_nobody_takes_back_the_block_of_another_or_blocks_oneself(client, asha, mira):
    block = block_person(target=asha, by=mira)
    for wrong, status in ((str(block.pk), 302), ("", 302), ("nonsense", 404)):
        assert client.post(BLOCKED, {"block": wrong}).status_code == status
    assert client.post(block_page(asha), {"confirmed": "1"}).status_code == 404
    assert Block.objects.get() == block
    assert "Mira" not in text_of(client.get(BLOCKED))


def test_pages_are_for_people_who_are_signed_in(client, mira):
    for answer in (client.get(report_page(mira)), client.post(block_page(mira))):
        assert (answer.status_code, answer["Location"][:7]) == (302, "/login/")
    assert client.get(BLOCKED)["Location"] == f"/login/?next={BLOCKED}"
