"""The link by which a friend sees where and when somebody meets, and nothing more."""

import datetime as dt
import logging

import pytest
import time_machine

from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, ListingNotAvailable, NotAllowed, NotFound
from ghar.lib import clock
from ghar.lib.redact import RedactSecrets
from ghar.notifications.models import Notification
from tests.visits.actions import fresh
from visits.models import VisitShare
from visits.services.assigning import hand_over
from visits.services.closing import cancel_visit, complete_visit
from visits.services.safety import read_share, share_visit, stop_sharing
from visits.services.scheduling import confirm_visit, reschedule_visit

HOUR = dt.timedelta(hours=1)


def token_of(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]


def shared(visit, by) -> str:
    return token_of(share_visit(visit=visit, by=by)[0])


def read(token):
    return read_share(token, now=clock.now())


@pytest.fixture
def agreed(meeting, peer):
    return confirm_visit(visit=meeting, by=peer)


def test_a_friend_sees_first_names_the_area_and_the_time(agreed, seeker, listing):
    found = read(shared(agreed, seeker))
    assert found.names == ["Sita", "Petra"]
    assert found.place == f"{listing.locality}, {listing.city}"
    assert (found.start, found.end) == agreed.span
    assert found.timezone == agreed.timezone
    assert found.until == agreed.span[1] + 2 * HOUR


def test_of_a_tour_the_visitor_and_whoever_shows_it(confirmed, seeker):
    assert read(shared(confirmed, seeker)).names == ["Sita", "Agnes"]


def test_while_a_new_time_is_proposed_the_old_one_is_shown(confirmed, seeker):
    old = confirmed.span
    token = shared(confirmed, seeker)
    reschedule_visit(visit=confirmed, new_date=old[0] + 24 * HOUR, by=seeker)
    assert (read(token).start, read(token).end) == old


def test_the_page_says_that_and_nothing_more(client, agreed, seeker, peer, listing):
    token = shared(agreed, seeker)
    answer = client.get(f"/visits/shared/{token}/")
    body = answer.content.decode()
    assert answer.status_code == 200
    assert all(word in body for word in ("Sita", "Petra", listing.locality))
    for private in (
        *("Seeker", "Peer", seeker.email, peer.email, listing.address, listing.title),
        *(str(agreed.pk), str(seeker.pk), str(listing.pk)),
    ):
        assert private not in body


def test_the_page_is_kept_by_nobody(client, agreed, seeker):
    answer = client.get(f"/visits/shared/{shared(agreed, seeker)}/")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer
    assert "Disallow: /visits/" in client.get("/robots.txt").content.decode()


def test_the_token_is_long_and_stored_as_a_hash(agreed, seeker):
    token = shared(agreed, seeker)
    row = VisitShare.objects.get()
    assert len(token) >= 40
    assert token not in [str(value) for value in vars(row).values()]
    assert token not in str([event.data for event in AuditEvent.objects.all()])


def test_the_token_never_reaches_a_log(agreed, seeker):
    token = shared(agreed, seeker)
    line = logging.LogRecord(
        "web", logging.INFO, "", 0, "GET /visits/shared/%s/ 200", (token,), None
    )
    RedactSecrets().filter(line)
    assert line.getMessage() == "GET /visits/shared/…/ 200"


def test_the_link_ends_two_hours_after_the_visit(client, agreed, seeker):
    token = shared(agreed, seeker)
    last = agreed.span[1] + 2 * HOUR
    with time_machine.travel(last - dt.timedelta(seconds=1), tick=False):
        assert client.get(f"/visits/shared/{token}/").status_code == 200
    with time_machine.travel(last, tick=False):
        assert client.get(f"/visits/shared/{token}/").status_code == 404


def test_it_goes_on_when_somebody_closes_the_visit_early(agreed, seeker, peer):
    token = shared(agreed, seeker)
    with time_machine.travel(agreed.scheduled_date, tick=False):
        complete_visit(visit=agreed, by=peer)
        assert read(token).names == ["Sita", "Petra"]


def test_it_shows_nothing_of_a_cancelled_visit(agreed, seeker, peer):
    token = shared(agreed, seeker)
    cancel_visit(visit=agreed, by=peer)
    with pytest.raises(NotFound):
        read(token)


def test_stopping_makes_it_void_for_oneself_alone(agreed, seeker, peer):
    mine, theirs = shared(agreed, seeker), shared(agreed, peer)
    stop_sharing(visit=agreed, by=seeker)
    assert read(theirs).names == ["Sita", "Petra"]
    with pytest.raises(NotFound):
        read(mine)


def test_a_new_link_makes_the_old_one_void(agreed, seeker):
    old, new = shared(agreed, seeker), shared(agreed, seeker)
    assert read(new).names == ["Sita", "Petra"]
    with pytest.raises(NotFound):
        read(old)


def test_the_link_of_a_closed_account_shows_nothing(agreed, seeker):
    token = shared(agreed, seeker)
    seeker.is_active = False
    seeker.save()
    with pytest.raises(NotFound):
        read(token)


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "../admin"])
def test_nothing_is_found_for_a_guess(token, db):
    with pytest.raises(NotFound):
        read(token)


def test_a_time_that_nobody_agreed_to_is_not_shared(visit, seeker):
    with pytest.raises(Conflict) as refused:
        share_visit(visit=visit, by=seeker)
    assert refused.value.code == "NOT_AGREED"


def test_nor_one_whose_listing_is_held(confirmed, seeker, listing):
    listing.status = "hold_for_review"
    listing.save(update_fields=["status"])
    with pytest.raises(ListingNotAvailable):
        share_visit(visit=confirmed, by=seeker)


def test_the_team_is_no_party_and_a_stranger_finds_nothing(confirmed, admin, outsider):
    with pytest.raises(NotAllowed):
        share_visit(visit=confirmed, by=admin)
    with pytest.raises(NotFound):
        share_visit(visit=confirmed, by=outsider)


def test_the_other_side_does_not_learn_of_it(agreed, seeker, peer):
    theirs = Notification.objects.filter(user=peer)
    before = fresh(agreed).events.count(), theirs.count()
    share_visit(visit=agreed, by=seeker)
    assert (fresh(agreed).events.count(), theirs.count()) == before
    assert AuditEvent.objects.filter(action="visit_shared").count() == 1


# --- By the API and the page ----------------------------------------------------------------------
def test_an_app_makes_a_link_and_takes_it_back(api, client, agreed, seeker):
    app, path = api(seeker), f"/api/v1/visits/{agreed.pk}/share"
    made = app.post(path)
    assert made.status_code == 201
    assert made.json()["expires_at"] == (agreed.span[1] + 2 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    page = f"/visits/shared/{token_of(made.json()['url'])}/"
    assert client.get(page).status_code == 200
    assert app.delete(path).status_code == 204
    assert client.get(page).status_code == 404


def test_a_repeat_with_the_same_key_makes_a_new_link(api, agreed, seeker):
    """The first one is a secret that is kept nowhere."""
    app, path = api(seeker), f"/api/v1/visits/{agreed.pk}/share"
    first = app.post(path, headers={"Idempotency-Key": "k"}).json()["url"]
    assert app.post(path, headers={"Idempotency-Key": "k"}).json()["url"] != first


def test_the_page_shows_the_link_this_once(client, agreed, seeker):
    client.force_login(seeker)
    answer = client.post(f"/visits/{agreed.pk}/share/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    link = answer.context["url"]
    assert link in answer.content.decode()
    assert link not in client.get(f"/visits/{agreed.pk}/").content.decode()
    assert client.post(f"/visits/{agreed.pk}/stop-sharing/").status_code == 302
    assert client.get(f"/visits/shared/{token_of(link)}/").status_code == 404


def test_the_link_of_an_agent_who_has_handed_the_tour_over_is_void(confirmed, agent):
    token = shared(confirmed, agent)
    hand_over(visit=confirmed, by=agent)
    with pytest.raises(NotFound):
        read(token)
