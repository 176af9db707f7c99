"""A seeker without an account gives a contact on a page, and verifies it there."""

import pytest

from ghar.accounts.models import SeekerSession, VerificationCode
from ghar.accounts.services.sessions import claim_session
from ghar.calendar.models import Claim
from ghar.lib import clock
from ghar.notifications.models import Channel, Notification, Purpose
from ghar.notifications.services.preferences import opted_in_channels
from moderation.services.blocks import block_person
from tests.factories import secret_of
from tests.viewings.actions import ask, confirm_first
from viewings.models import ViewingRequest
from viewings.services.links import link_path

pytestmark = pytest.mark.django_db

CONTACT = "visitor@example.org"


@pytest.fixture
def sought(listing, seeker_session):
    return ask(listing, seeker_session, hours=(10, 12))


@pytest.fixture(params=["the page", "the private link"])
def way(request, sought, seeker_session, browser):
    """A browser of the seeker and the address of the viewing: with the cookie, or by the link."""
    if request.param == "the page":
        return browser(seeker_session), sought.get_absolute_url()
    return browser(), link_path(sought, now=clock.now())


@pytest.fixture
def visitor(browser, seeker_session):
    return browser(seeker_session)


@pytest.fixture
def path(sought):
    return sought.get_absolute_url()


def the_code():
    return VerificationCode.objects.order_by("pk").last().digits


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def fresh_session():
    return SeekerSession.objects.get()


def test_a_contact_is_given_and_verified_without_javascript(way):
    visitor, path = way
    assert "Where can we reach you?" in visitor.get(path).content.decode()
    response = visitor.post(f"{path}contact/", {"contact": "Visitor@Example.org"})
    assert (response.status_code, response["Location"]) == (302, path)
    page = visitor.get(path).content.decode()
    assert f"We have sent a code to {CONTACT}" in page
    response = visitor.post(f"{path}confirm_code/", {"code": the_code()})
    assert (response.status_code, response["Location"]) == (302, path)
    page = visitor.get(path).content.decode()
    assert f"You hear from us at {CONTACT}" in page
    assert "Verify your contact" not in page
    assert opted_in_channels(fresh_session(), Purpose.VIEWINGS) == [Channel.EMAIL]


def test_the_exact_place_shows_once_the_contact_is_verified(way, sought, poster):
    visitor, path = way
    confirm_first(sought, poster)
    visitor.post(f"{path}contact/", {"contact": CONTACT})
    page = visitor.get(path).content.decode()
    assert "Verify your contact to see the exact place." in page
    assert sought.listing.address not in page
    visitor.post(f"{path}confirm_code/", {"code": the_code()})
    assert sought.listing.address in visitor.get(path).content.decode()


def test_a_contact_given_with_the_request_gets_its_code_at_once(browser, listing):
    visitor = browser()
    response = visitor.post(
        f"/rooms/{listing.pk}/viewing/new", {"contact": CONTACT, "no_time": "on"}
    )
    code = VerificationCode.objects.get()
    assert (code.session, code.identifier) == (fresh_session(), CONTACT)
    page = visitor.get(response["Location"]).content.decode()
    assert 'name="code"' in page


def test_a_request_stands_where_no_more_codes_may_be_sent(
    visitor, listing, seeker_session, settings
):
    settings.LIMITS = settings.LIMITS | {"codes": (0, 60, "account")}
    response = visitor.post(
        f"/rooms/{listing.pk}/viewing/new", {"contact": CONTACT, "no_time": "on"}
    )
    assert response.status_code == 302
    assert ViewingRequest.objects.get().seeker_session == seeker_session
    assert "Send me the code" in visitor.get(response["Location"]).content.decode()


def test_a_verified_contact_given_again_gets_no_code(visitor, listing, seeker_session):
    verify(seeker_session)
    visitor.post(f"/rooms/{listing.pk}/viewing/new", {"contact": CONTACT, "no_time": "on"})
    assert not VerificationCode.objects.exists()
    assert fresh_session().contact_verified_at


def verify(session):
    session.contact_email, session.contact_verified_at = CONTACT, clock.now()
    session.save()


@pytest.mark.parametrize("contact", ["", "nonsense"])
def test_a_wrong_contact_keeps_the_form(way, contact):
    visitor, path = way
    response = visitor.post(f"{path}contact/", {"contact": contact})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["contact"]
    assert f'value="{contact}"' in response.content.decode() or not contact
    assert fresh_session().contact == ""


def test_a_wrong_code_counts_and_keeps_the_form(way):
    visitor, path = way
    visitor.post(f"{path}contact/", {"contact": CONTACT})
    code = the_code()
    for _ in range(5):
        response = visitor.post(f"{path}confirm_code/", {"code": wrong(code)})
        assert response.status_code == 422
        assert list(response.context["form"].errors) == ["code"]
    assert visitor.post(f"{path}confirm_code/", {"code": code}).status_code == 422
    page = visitor.get(path).content.decode()
    assert 'name="code"' not in page
    assert "Send me the code" in page


def test_the_code_is_sent_again_on_demand(way):
    visitor, path = way
    visitor.post(f"{path}contact/", {"contact": CONTACT})
    first = the_code()
    assert visitor.post(f"{path}send_code/").status_code == 302
    assert visitor.post(f"{path}confirm_code/", {"code": first}).status_code == 422
    assert visitor.post(f"{path}confirm_code/", {"code": the_code()}).status_code == 302


def test_codes_are_limited_and_the_contact_stays(visitor, path, settings):
    settings.LIMITS = settings.LIMITS | {"codes": (1, 60, "account")}
    visitor.post(f"{path}contact/", {"contact": CONTACT})
    response = visitor.post(f"{path}contact/", {"contact": "other@example.org"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert fresh_session().contact == "other@example.org"
    assert "Send me the code" in response.content.decode()


def test_another_contact_is_not_verified_by_the_code_of_the_first(visitor, path):
    visitor.post(f"{path}contact/", {"contact": CONTACT})
    code = the_code()
    visitor.post(f"{path}contact/", {"contact": "other@example.org"})
    assert visitor.post(f"{path}confirm_code/", {"code": code}).status_code == 422
    assert fresh_session().contact_verified_at is None


def test_a_verified_contact_needs_no_code_again(visitor, path, seeker_session):
    verify(seeker_session)
    assert visitor.post(f"{path}send_code/").status_code == 302
    assert visitor.post(f"{path}confirm_code/", {"code": "000000"}).status_code == 302
    assert not VerificationCode.objects.exists()


def test_a_code_without_a_contact_is_refused(visitor, path):
    assert visitor.post(f"{path}send_code/").status_code == 422
    assert visitor.post(f"{path}confirm_code/", {"code": "000000"}).status_code == 422


def test_a_cancelled_viewing_asks_for_no_contact(visitor, path):
    visitor.post(f"{path}cancel/")
    assert "Where can we reach you?" not in visitor.get(path).content.decode()


@pytest.mark.parametrize("step", ["contact", "send_code", "confirm_code"])
def test_the_others_cannot_touch_the_contact(browser, path, poster, admin, step):
    for other in (poster, admin):
        response = browser(other).post(f"{path}{step}/", {"contact": CONTACT, "code": "000000"})
        assert response.status_code == 403
    assert fresh_session().contact == ""


@pytest.mark.parametrize("step", ["contact", "send_code", "confirm_code"])
def test_an_account_has_its_settings_for_that(browser, viewing, seeker, step):
    path = viewing.get_absolute_url()
    assert "Where can we reach you?" not in browser(seeker).get(path).content.decode()
    response = browser(seeker).post(f"{path}{step}/", {"contact": CONTACT, "code": "000000"})
    assert response.status_code == 403


# --- whose account may not have it ----------------------------------------------------------------
@pytest.mark.parametrize(("by", "target"), [("seeker", "poster"), ("poster", "seeker")])
def test_a_viewing_ends_when_its_seeker_turns_out_to_be_blocked(
    request, listing, seeker_session, seeker, poster, by, target
):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    block_person(by=request.getfixturevalue(by), target=request.getfixturevalue(target))
    claim_session(secret=secret_of(seeker_session), user=seeker, now=clock.now())
    viewing.refresh_from_db()
    assert (viewing.status, viewing.seeker) == ("cancelled", seeker)
    assert not Claim.objects.active().exists()


def test_a_viewing_ends_when_its_seeker_turns_out_to_be_the_poster(listing, seeker_session, poster):
    viewing = confirm_first(ask(listing, seeker_session), poster)
    claim_session(secret=secret_of(seeker_session), user=poster, now=clock.now())
    viewing.refresh_from_db()
    assert viewing.status == "cancelled"
    assert not Claim.objects.active().exists()
    last = Notification.objects.of(poster).order_by("id").last()
    assert last.title.endswith("is cancelled")
    assert Notification.objects.of(poster).filter(title=last.title).count() == 1
    assert not Notification.objects.of(poster).filter(title__startswith="Two of your").exists()
