"""How somebody is asked, finds help, and proves that they came; and who sees an address when."""

from contextlib import suppress
import datetime as dt

import pytest
import time_machine

from ghar.audit.models import AuditEvent
from ghar.calendar.services.feed import make_feed
from ghar.errors import Conflict, Invalid, NotAllowed, NotFound, RateLimited
from ghar.lib import clock
from ghar.notifications.models import Notification
from tests.factories import UserFactory
from tests.visits.actions import fresh, types
from visits.models import VisitCheckIn
from visits.services.calendar_file import calendar_file
from visits.services.closing import cancel_visit, complete_visit
from visits.services.reminders import send_due_reminders
from visits.services.safety import (
    ask_how_it_goes,
    check_in,
    code_of,
    own_code,
    prove_arrival,
    share_visit,
)
from visits.services.scheduling import confirm_visit, reschedule_visit

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def agreed(meeting, peer):
    return confirm_visit(visit=meeting, by=peer)


def after_start(visit, delay: dt.timedelta = dt.timedelta(0)):
    return time_machine.travel(fresh(visit).scheduled_date + delay, tick=False)


def asked(person) -> int:
    return Notification.objects.filter(user=person, title="Is everything all right?").count()


# --- Is everything all right? ---------------------------------------------------------------------
def test_both_who_meet_are_asked_once_twenty_minutes_after_the_start(agreed, seeker, peer):
    with after_start(agreed, 20 * MINUTE - dt.timedelta(seconds=1)):
        assert ask_how_it_goes(now=clock.now()) == 0
    with after_start(agreed, 20 * MINUTE):
        assert ask_how_it_goes(now=clock.now()) == 1
        assert ask_how_it_goes(now=clock.now()) == 0
    assert (asked(seeker), asked(peer)) == (1, 1)


def test_they_are_asked_about_the_time_that_stands_while_another_is_proposed(agreed, peer, seeker):
    start = agreed.scheduled_date
    reschedule_visit(visit=agreed, new_date=start + 60 * MINUTE, by=peer)
    for delay, people_asked in ((20, 1), (80, 0)):
        with time_machine.travel(start + delay * MINUTE, tick=False):
            assert ask_how_it_goes(now=clock.now()) == people_asked
    assert (asked(seeker), asked(peer)) == (1, 1)


def test_they_are_asked_though_one_has_closed_the_visit(agreed, seeker, peer):
    with after_start(agreed, 20 * MINUTE):
        complete_visit(visit=agreed, by=peer)
        ask_how_it_goes(now=clock.now())
    assert asked(seeker) == 1


def test_whose_peer_has_deleted_the_account_meanwhile_is_not_asked(agreed, peer):
    with after_start(agreed, 20 * MINUTE):
        complete_visit(visit=agreed, by=peer)
        peer.delete()
        assert ask_how_it_goes(now=clock.now()) == 0


def test_after_an_outage_nobody_is_asked_about_yesterday(agreed):
    with after_start(agreed, 180 * MINUTE):
        assert ask_how_it_goes(now=clock.now()) == 0


def test_nobody_is_asked_about_what_is_cancelled(agreed, seeker):
    cancel_visit(visit=agreed, by=seeker)
    with after_start(agreed, 20 * MINUTE):
        assert ask_how_it_goes(now=clock.now()) == 0


def test_nor_about_a_tour(confirmed):
    with after_start(confirmed, 20 * MINUTE):
        assert ask_how_it_goes(now=clock.now()) == 0


def test_who_says_that_they_are_well_tells_nobody_else(agreed, seeker, peer):
    with after_start(agreed):
        check_in(visit=agreed, by=seeker)
    assert VisitCheckIn.objects.get().user == seeker
    assert "checked_in" not in types(agreed)
    assert (
        Notification.objects.filter(user=peer, created_at__gte=agreed.scheduled_date).count() == 0
    )
    assert not AuditEvent.objects.filter(action__contains="check").exists()


def test_well_is_said_from_the_start_until_the_links_end(agreed, seeker):
    for delay in (-MINUTE, 180 * MINUTE):
        with after_start(agreed, delay), pytest.raises(Conflict) as refused:
            check_in(visit=agreed, by=seeker)
        assert refused.value.code == "NOT_NOW"
    with after_start(agreed, 179 * MINUTE):
        check_in(visit=agreed, by=seeker)


def test_help_is_numbers_and_writes_nothing_down(client, agreed, seeker, peer):
    client.force_login(seeker)
    rows = [VisitCheckIn, Notification, AuditEvent]
    before = [model.objects.count() for model in rows]
    answer = client.get(f"/visits/{agreed.pk}/help/")
    body = answer.content.decode()
    assert 'href="tel:112"' in body
    assert f"/people/{peer.pk}/report/" in body
    assert answer["Cache-Control"] == "private, no-store"
    assert [model.objects.count() for model in rows] == before
    assert fresh(agreed).events.count() == 2


def test_an_app_reads_the_numbers_and_says_well(api, agreed, seeker):
    app, path = api(seeker), f"/api/v1/visits/{agreed.pk}/check-in"
    quiet = app.get(path).json()
    assert quiet["well_at"] is None
    assert "112" in [line["number"] for line in quiet["helplines"]]
    assert app.post(path).json()["error"]["code"] == "NOT_NOW"
    with after_start(agreed):
        assert app.post(path).json()["well_at"] is not None
        assert app.get(path).json()["well_at"] is not None


# --- Proof of who came ----------------------------------------------------------------------------
def test_each_side_shows_a_code_and_types_the_others(confirmed, seeker, poster, agent):
    with after_start(confirmed):
        now = clock.now()
        visitors, others = (own_code(confirmed, by=person, now=now) for person in (seeker, poster))
        assert others == own_code(confirmed, by=agent, now=now)
        assert visitors != others
        assert prove_arrival(visit=confirmed, code=others, by=seeker).visitor_arrived_at == now
        assert fresh(confirmed).other_arrived_at is None
        assert prove_arrival(visit=confirmed, code=visitors, by=agent).other_arrived_at == now
    assert types(confirmed)[-2:] == ["checked_in", "checked_in"]


def test_ones_own_code_proves_nothing(confirmed, seeker):
    with after_start(confirmed):
        mine = own_code(confirmed, by=seeker, now=clock.now())
        with pytest.raises(Invalid):
            prove_arrival(visit=confirmed, code=mine, by=seeker)
    assert fresh(confirmed).visitor_arrived_at is None


def test_a_repeat_changes_nothing(agreed, seeker, peer):
    with after_start(agreed):
        code = own_code(agreed, by=peer, now=clock.now())
        first = prove_arrival(visit=agreed, code=code, by=seeker).visitor_arrived_at
    with after_start(agreed, MINUTE):
        assert prove_arrival(visit=agreed, code=code, by=seeker).visitor_arrived_at == first
    assert types(agreed).count("checked_in") == 1


def test_codes_are_six_digits_and_stand_in_no_table(agreed, seeker):
    code = code_of(agreed, "visitor")
    assert len(code) == 6
    assert code.isdigit()
    assert code not in str(vars(fresh(agreed)).values())


def test_another_time_has_other_codes(agreed, seeker, peer):
    old = code_of(agreed, "visitor")
    later = agreed.scheduled_date + dt.timedelta(days=1)
    moved = reschedule_visit(visit=agreed, new_date=later, by=seeker)
    assert code_of(moved, "visitor") == old  # what stands, stands
    assert code_of(confirm_visit(visit=moved, by=peer), "visitor") != old


@pytest.mark.parametrize("delay", [-31, 60 + 61])
def test_there_is_no_code_far_from_the_visit(agreed, seeker, delay):
    with after_start(agreed, delay * MINUTE):
        with pytest.raises(Conflict) as refused:
            own_code(agreed, by=seeker, now=clock.now())
        assert refused.value.code == "NOT_NOW"
        with pytest.raises(Conflict):
            prove_arrival(visit=agreed, code="000000", by=seeker)


@pytest.mark.parametrize("delay", [-30, 60 + 60])
def test_there_is_from_half_an_hour_before_to_an_hour_after(agreed, seeker, delay):
    with after_start(agreed, delay * MINUTE):
        assert own_code(agreed, by=seeker, now=clock.now())


def test_nobody_arrives_at_what_is_not_agreed(meeting, seeker):
    with after_start(meeting), pytest.raises(Conflict):
        own_code(meeting, by=seeker, now=clock.now())


def test_a_guesser_is_stopped(agreed, seeker, peer):
    with after_start(agreed):
        wrong = f"{(int(own_code(agreed, by=peer, now=clock.now())) + 1) % 1_000_000:06d}"
        for _try in range(10):
            with pytest.raises(Invalid):
                prove_arrival(visit=agreed, code=wrong, by=seeker)
        with pytest.raises(RateLimited):
            prove_arrival(visit=agreed, code=wrong, by=seeker)


def test_after_too_many_codes_the_page_says_when_to_try_again(browser, agreed, seeker, settings):
    settings.LIMITS = settings.LIMITS | {"arrival_codes": (0, 60, "account")}
    with after_start(agreed):
        page = browser(seeker).post(f"/visits/{agreed.pk}/arrival/", {"code": "000000"})
    assert (page.status_code, page["Retry-After"]) == (429, "60")


def test_the_team_and_strangers_have_no_code(confirmed, admin, outsider):
    with after_start(confirmed):
        with pytest.raises(NotAllowed):
            own_code(confirmed, by=admin, now=clock.now())
        with pytest.raises(NotFound):
            own_code(confirmed, by=outsider, now=clock.now())


def test_by_the_api_and_the_page(api, client, agreed, seeker, peer):
    path = f"/api/v1/visits/{agreed.pk}/arrival"
    client.force_login(peer)
    assert client.get(f"/visits/{agreed.pk}/arrival/").status_code == 409
    with after_start(agreed):
        page = client.get(f"/visits/{agreed.pk}/arrival/")
        theirs = page.context["own"]
        assert theirs in page.content.decode()
        refused = api(seeker).post(path, {"code": "12"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
        assert api(seeker).post(path, {"code": theirs}).status_code == 200
        mine = api(seeker).get(path).json()["code"]
        assert client.post(f"/visits/{agreed.pk}/arrival/", {"code": "1"}).status_code == 422
        spaced = f"{mine[:3]} {mine[3:]}"
        assert client.post(f"/visits/{agreed.pk}/arrival/", {"code": spaced}).status_code == 302
    row = fresh(agreed)
    assert row.visitor_arrived_at == row.other_arrived_at == agreed.scheduled_date


# --- The exact address, at every outlet -----------------------------------------------------------
@pytest.fixture
def outlets(api, client):
    """Whatever a reader of a visit can open, in one text."""

    def everything(visit, reader) -> str:
        client.force_login(reader)
        texts = [
            api(reader).get(f"/api/v1/visits/{visit.pk}").content.decode(),
            api(reader).get("/api/v1/visits").content.decode(),
            api(reader).get(f"/api/v1/visits/{visit.pk}/events").content.decode(),
            client.get(f"/visits/{visit.pk}/").content.decode(),
            client.get(f"/visits/{visit.pk}/state/").content.decode(),
            client.get("/visits/").content.decode(),
            client.get(f"/visits/{visit.pk}/help/").content.decode(),
            str(list(Notification.objects.filter(user=reader).values("title", "body"))),
        ]
        feed = make_feed(user=reader, now=clock.now()).split("key=")[1]
        texts.append(client.get("/api/v1/calendar.ics", {"key": feed}).content.decode())
        with suppress(NotFound):
            texts.append(calendar_file(visit, by=reader).decode())
        # Lines of calendar files are folded.
        return "".join(texts).replace("\r\n ", "").replace("\\,", ",")

    return everything


@pytest.fixture
def remind(on_commit):
    def at_the_right_time(visit):
        day_before = fresh(visit).scheduled_date - dt.timedelta(hours=24)
        with time_machine.travel(day_before, tick=False), on_commit():
            send_due_reminders()

    return at_the_right_time


def test_before_a_time_is_agreed_no_visitor_reads_the_address(outlets, visit, seeker, listing):
    assert listing.address not in outlets(visit, seeker)


def test_once_it_is_agreed_a_verified_visitor_reads_it(outlets, confirmed, seeker, listing, remind):
    remind(confirmed)
    found = outlets(confirmed, seeker)
    page = found.count(listing.address)
    # The API's answer and list, the page and its fragment, the reminder, the feed and the file.
    assert page >= 7


def test_a_visitor_who_proved_no_contact_does_not(outlets, confirmed, seeker, listing, remind):
    seeker.email_verified = False
    seeker.save()
    remind(confirmed)
    assert listing.address not in outlets(fresh(confirmed), seeker)


def test_nor_one_whose_visit_was_cancelled(outlets, confirmed, seeker, poster, listing):
    cancel_visit(visit=confirmed, by=poster)
    assert listing.address not in outlets(fresh(confirmed), seeker)


def test_two_who_meet_learn_nothing_of_a_third_persons_home(
    outlets, agreed, seeker, peer, listing, remind
):
    remind(agreed)
    for reader in (seeker, peer):
        assert listing.address not in outlets(agreed, reader)


def test_a_friend_never_reads_it(client, confirmed, seeker, listing):
    url = share_visit(visit=confirmed, by=seeker)[0]
    body = client.get(url.partition("testserver")[2] or url[url.index("/visits/") :]).content
    assert listing.address not in body.decode()


def test_a_stranger_finds_no_outlet(api, client, confirmed):
    stranger = UserFactory()
    client.force_login(stranger)
    api_paths = ("", "/events", "/calendar.ics", "/arrival", "/check-in")
    pages = ("", "state/", "help/", "arrival/", "dispute/", "calendar.ics")
    found = [api(stranger).get(f"/api/v1/visits/{confirmed.pk}{path}") for path in api_paths]
    found += [client.get(f"/visits/{confirmed.pk}/{path}") for path in pages]
    assert {answer.status_code for answer in found} == {404}
