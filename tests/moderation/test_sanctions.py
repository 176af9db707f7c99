"""Warnings, suspensions, the second moderator, and appeals to a third."""

import datetime as dt

from django.urls import reverse
import pytest
import time_machine

from ghar.accounts.models import Role, User
from ghar.accounts.policies import AccountSuspended, check_is_open
from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, InvalidTransition, NotAllowed
from ghar.lib import clock
from ghar.notifications.models import Device, Notification
from ghar.properties.models import Property
from moderation.models import Appeal, Case, Sanction
from moderation.services import appeals, sanctions
from moderation.services.decisions import Ruling
from moderation.signals import person_restored, person_suspended
from moderation.states import Verdict
from tests.factories import AdminFactory, LiveListingFactory

pytestmark = pytest.mark.django_db

WORDS = {"report": None, "message": "You asked people for money.", "note": "Three chats."}
START = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
APPEAL = "/api/v1/users/me/appeal"


@pytest.fixture
def third_admin(db):
    return AdminFactory(full_name="Carla Third", email="carla@example.org")


@pytest.fixture
def suspended(outsider, admin):
    return suspend(outsider, admin)


def suspend(person: User, by: User) -> Sanction:
    return sanctions.suspend_person(person=person, by=by, now=clock.now(), **WORDS)


def is_suspended(person: User) -> bool:
    return User.objects.get(pk=person.pk).is_suspended


def notices(person: User, kind: str) -> list[Notification]:
    return list(Notification.objects.filter(user=person, type=kind).order_by("pk"))


def heard(signal) -> list[User]:
    """Fills with the people that the signal speaks of."""
    people: list[User] = []

    def listen(sender, person, **_):
        people.append(person)

    signal.connect(listen, weak=False)
    return people


# --- warnings -------------------------------------------------------------------------------------
def test_a_warning_is_told_and_recorded_and_closes_nothing(outsider, admin):
    warning = sanctions.warn_person(person=outsider, by=admin, now=clock.now(), **WORDS)
    assert (warning.kind, warning.person, warning.made_by) == ("warning", outsider, admin)
    assert [row.body for row in notices(outsider, "account_warned")] == [WORDS["message"]]
    assert AuditEvent.objects.get(action="person_warned").target_id == str(outsider.pk)
    assert not is_suspended(outsider)


def test_nobody_warns_himself_and_only_staff_warns(outsider, seeker, admin):
    for person, by in ((admin, admin), (outsider, seeker)):
        with pytest.raises(NotAllowed):
            sanctions.warn_person(person=person, by=by, now=clock.now(), **WORDS)
    assert not Sanction.objects.exists()


# --- suspensions ----------------------------------------------------------------------------------
def test_a_suspension_works_at_once(outsider, admin):
    Device.objects.create(user=outsider, platform="android", token="a phone")
    people = heard(person_suspended)
    suspension = suspend(outsider, admin)
    assert is_suspended(outsider)
    assert people == [outsider]
    assert not Device.objects.exists()
    assert suspension.confirm_by - suspension.made_at == dt.timedelta(hours=72)
    assert [row.route for row in notices(outsider, "account_suspended")] == ["/suspended/"]
    row = AuditEvent.objects.get(action="person_suspended")
    assert (row.actor_id, row.target_id) == (str(admin.pk), str(outsider.pk))


def test_suspending_again_changes_nothing(suspended, outsider, second_admin):
    again = sanctions.suspend_person(
        person=outsider, by=second_admin, now=clock.now(), **WORDS | {"message": "Other words."}
    )
    assert (again, again.message) == (suspended, WORDS["message"])
    assert AuditEvent.objects.filter(action="person_suspended").count() == 1
    assert len(notices(outsider, "account_suspended")) == 1


def test_staff_and_oneself_cannot_be_suspended(admin, second_admin):
    for person in (admin, second_admin):
        with pytest.raises(NotAllowed):
            suspend(person, admin)
    assert not Sanction.objects.exists()


def test_the_listings_of_a_suspended_person_disappear_and_come_back(outsider, admin, api, client):
    listing = LiveListingFactory(owner=outsider)
    address = f"/api/v1/properties/{listing.pk}"
    suspension = suspend(outsider, admin)
    assert not Property.objects.live().exists()
    assert api().get(address).status_code == 404
    assert client.get(listing.get_absolute_url()).status_code == 404
    assert str(listing.pk) not in client.get("/sitemap.xml").content.decode()
    assert api(admin).get(address).status_code == 200
    sanctions.lift_suspension(sanction=suspension, note="", by=admin)
    assert api().get(address).status_code == 200


# --- the second moderator -------------------------------------------------------------------------
def test_a_second_moderator_makes_it_last(suspended, outsider, second_admin):
    with time_machine.travel(suspended.made_at + dt.timedelta(hours=71), tick=False):
        confirmed = sanctions.confirm_suspension(sanction=suspended, by=second_admin)
    assert confirmed.confirmed_by == second_admin
    assert sanctions.lapse_unconfirmed_suspensions(now=suspended.confirm_by) == 0
    assert is_suspended(outsider)
    assert AuditEvent.objects.filter(action="suspension_confirmed").count() == 1


def test_confirming_again_changes_nothing(suspended, second_admin, third_admin):
    sanctions.confirm_suspension(sanction=suspended, by=second_admin)
    sanctions.confirm_suspension(sanction=suspended, by=second_admin)
    with pytest.raises(InvalidTransition):
        sanctions.confirm_suspension(sanction=suspended, by=third_admin)
    assert AuditEvent.objects.filter(action="suspension_confirmed").count() == 1


def test_whoever_made_it_does_not_confirm_it(suspended, admin, seeker):
    for by in (admin, seeker):
        with pytest.raises(NotAllowed):
            sanctions.confirm_suspension(sanction=suspended, by=by)
    suspended.refresh_from_db()
    assert suspended.confirmed_at is None


def test_what_nobody_confirms_lapses_and_is_told_kindly(suspended, outsider):
    people = heard(person_restored)
    before = suspended.confirm_by - dt.timedelta(seconds=1)
    assert sanctions.lapse_unconfirmed_suspensions(now=before) == 0
    assert sanctions.lapse_unconfirmed_suspensions(now=suspended.confirm_by) == 1
    assert sanctions.lapse_unconfirmed_suspensions(now=suspended.confirm_by) == 0
    assert not is_suspended(outsider)
    assert people == [outsider]
    assert notices(outsider, "account_suspended")[-1].title == "Your account is open again"
    assert AuditEvent.objects.get(action="suspension_lifted").actor_kind == "system"


def test_it_is_too_late_to_confirm_what_should_have_lapsed(suspended, second_admin):
    with time_machine.travel(suspended.confirm_by), pytest.raises(InvalidTransition):
        sanctions.confirm_suspension(sanction=suspended, by=second_admin)


def test_a_lifted_suspension_is_over(suspended, outsider, second_admin):
    sanctions.lift_suspension(sanction=suspended, note="A mistake.", by=second_admin)
    assert not is_suspended(outsider)
    with pytest.raises(InvalidTransition):
        sanctions.lift_suspension(sanction=suspended, note="", by=second_admin)
    assert suspend(outsider, second_admin) != suspended


def test_nobody_lifts_his_own_suspension(suspended, outsider):
    User.objects.filter(pk=outsider.pk).update(role=Role.ADMIN)
    outsider.refresh_from_db()
    with pytest.raises(NotAllowed):
        sanctions.lift_suspension(sanction=suspended, note="", by=outsider)


def test_the_statements_of_a_suspension(outsider, admin, django_assert_max_num_queries):
    LiveListingFactory(owner=outsider)
    with django_assert_max_num_queries(32):
        suspend(outsider, admin)


# --- appeals --------------------------------------------------------------------------------------
def appeal(person: User) -> Case:
    appeals.appeal_suspension(message="It was my brother.", by=person)
    return Case.objects.open().get(person=person, kind="appeal")


def decide(case: Case, verdict: str, by: User) -> Appeal:
    return appeals.decide_appeal(
        case=case, ruling=Ruling(Verdict(verdict)), version=case.version, by=by
    )


def test_an_appeal_is_made_once(suspended, outsider, api):
    refusal = api(outsider).get("/api/v1/properties/mine").json()["error"]
    assert refusal["details"] == {"can_appeal": True}
    answer = api(outsider).post(APPEAL, {"message": "It was my brother."})
    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    with pytest.raises(AccountSuspended) as closed:
        check_is_open(User.objects.get(pk=outsider.pk))
    assert closed.value.details == {"can_appeal": False}
    again = api(outsider).post(APPEAL, {"message": "Please."})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "APPEAL_OPEN")
    assert Case.objects.get(person=outsider).kind == "appeal"


def test_who_is_not_suspended_has_nothing_to_appeal_against(seeker, api):
    answer = api(seeker).post(APPEAL, {"message": "Hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "INVALID_TRANSITION")
    assert api().post(APPEAL, {"message": "Hello"}).status_code == 401


def test_an_appeal_goes_to_somebody_else(
    suspended, outsider, admin, second_admin, third_admin, api
):
    sanctions.confirm_suspension(sanction=suspended, by=second_admin)
    case = appeal(outsider)
    path = f"/api/v1/moderation/cases/{case.pk}/decide"
    body = {"decision": "overturn", "version": case.version}
    for by in (admin, second_admin):
        assert api(by).post(path, body).status_code == 403
    assert api(third_admin).post(path, body).status_code == 200
    assert not is_suspended(outsider)
    assert Appeal.objects.get().status == "overturned"
    assert Appeal.objects.get().decided_by == third_admin


def test_in_a_team_of_two_the_appeal_goes_to_who_confirmed_it(
    suspended, outsider, admin, second_admin
):
    sanctions.confirm_suspension(sanction=suspended, by=second_admin)
    case = appeal(outsider)
    with pytest.raises(NotAllowed):
        decide(case, "overturn", admin)
    assert decide(case, "overturn", second_admin).status == "overturned"


def test_the_queue_shows_the_appeal_of_a_person(suspended, outsider, second_admin, api):
    case = appeal(outsider)
    row = api(second_admin).get("/api/v1/moderation/queue").json()["items"][0]
    assert (row["id"], row["kind"], row["property_id"]) == (str(case.pk), "appeal", None)


def test_upholding_is_told_and_counts_as_the_second_look(suspended, outsider, second_admin):
    assert decide(appeal(outsider), "uphold", second_admin).status == "upheld"
    suspended.refresh_from_db()
    assert suspended.confirmed_by == second_admin
    assert is_suspended(outsider)
    assert [row.route for row in notices(outsider, "appeal_outcome")] == ["/suspended/"]
    assert not Case.objects.open().exists()


def test_overturning_opens_the_account_and_tells_it_once(suspended, outsider, second_admin):
    people = heard(person_restored)
    decide(appeal(outsider), "overturn", second_admin)
    assert people == [outsider]
    assert [row.route for row in notices(outsider, "appeal_outcome")] == ["/"]
    assert len(notices(outsider, "account_suspended")) == 1
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"appeal_submitted", "appeal_overturned", "suspension_lifted"} <= actions


def test_an_appeal_ends_with_the_suspension(suspended, outsider, second_admin):
    case = appeal(outsider)
    sanctions.lapse_unconfirmed_suspensions(now=suspended.confirm_by)
    assert Appeal.objects.get().status == "overturned"
    with pytest.raises(Conflict):
        decide(case, "uphold", second_admin)


def test_only_appeal_verdicts_decide_an_appeal(suspended, outsider, second_admin):
    with pytest.raises(InvalidTransition):
        decide(appeal(outsider), "approve", second_admin)


# --- the console ----------------------------------------------------------------------------------
@pytest.fixture
def console(client, admin):
    client.force_login(admin)
    return client


def page_of(person: User, verb: str = "") -> str:
    if verb == "reveal":
        return reverse("console:person-reveal", args=[person.pk])
    if verb:
        return reverse("console:person-step", args=[person.pk, verb])
    return reverse("console:person", args=[person.pk])


def test_the_page_of_a_person_shows_what_was_said_and_decided(console, suspended, outsider):
    LiveListingFactory(owner=outsider, title="A quiet room")
    text = console.get(page_of(outsider)).content.decode()
    for words in ("A quiet room", WORDS["message"], WORDS["note"], "person_suspended"):
        assert words in text
    account = reverse("admin:accounts_user_change", args=[outsider.pk])
    assert page_of(outsider) in console.get(account).content.decode()


def test_contacts_are_hidden_until_a_logged_reveal(console, outsider):
    assert outsider.email not in console.get(page_of(outsider)).content.decode()
    assert outsider.email in console.post(page_of(outsider, "reveal")).content.decode()
    row = AuditEvent.objects.get(action="private_facts_revealed")
    assert (row.target_id, row.channel) == (str(outsider.pk), "admin")


def test_a_moderator_warns_and_suspends_with_words_the_person_reads(console, outsider):
    body = {"message": "Please stop.", "note": "Second time."}
    assert console.post(page_of(outsider, "warn"), body)["Location"] == page_of(outsider)
    assert console.post(page_of(outsider, "suspend"), body)["Location"] == page_of(outsider)
    kinds = list(Sanction.objects.order_by("made_at").values_list("kind", "message", "note"))
    assert kinds == [
        ("warning", "Please stop.", "Second time."),
        ("suspension", "Please stop.", "Second time."),
    ]


def test_without_words_for_the_person_nothing_happens(console, outsider):
    answer = console.post(page_of(outsider, "suspend"), {"note": "I know why."})
    assert answer.status_code == 422
    assert "I know why." in answer.content.decode()
    assert not is_suspended(outsider)


def test_the_other_moderator_finds_it_on_the_dashboard_and_confirms(
    console, client, suspended, outsider, second_admin
):
    refused = console.post(page_of(outsider, "confirm"), {})
    assert refused.status_code == 403
    assert "Another moderator must look at it." in refused.content.decode()
    client.force_login(second_admin)
    assert page_of(outsider) in client.get(reverse("admin:index")).content.decode()
    assert client.post(page_of(outsider, "confirm"), {}).status_code == 302
    suspended.refresh_from_db()
    assert suspended.confirmed_by == second_admin
    assert page_of(outsider) not in client.get(reverse("admin:index")).content.decode()


def test_lifting_from_the_page(console, suspended, outsider):
    assert console.post(page_of(outsider, "lift"), {"note": "A mistake."}).status_code == 302
    assert not is_suspended(outsider)
    assert AuditEvent.objects.get(action="suspension_lifted").data["notes"] == "A mistake."
    assert console.post(page_of(outsider, "lift"), {}).status_code == 404


def test_the_case_of_an_appeal_is_decided_in_the_console(client, suspended, outsider, second_admin):
    case = appeal(outsider)
    client.force_login(second_admin)
    queue = client.get(reverse("admin:moderation_case_changelist")).content.decode()
    assert str(outsider) in queue
    text = client.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    assert "It was my brother." in text
    body = {"decision": "overturn", "version": case.version, "message": "You are right."}
    path = reverse("admin:moderation_case_decide", args=[case.pk])
    assert client.post(path, body).status_code == 302
    assert not is_suspended(outsider)
    assert [row.body for row in notices(outsider, "appeal_outcome")] == ["You are right."]


@pytest.mark.parametrize("verb", ["", "reveal", "warn", "suspend", "confirm", "lift"])
def test_the_pages_of_people_are_closed_to_others(client, outsider, agent, verb):
    for user in (outsider, agent):
        client.force_login(user)
        call = client.post if verb else client.get
        assert call(page_of(outsider, verb), {"message": "x"})["Location"].startswith(
            ("/admin/login", "/login")
        )
    assert not Sanction.objects.exists()


def test_an_unknown_step_is_not_found(console, outsider):
    assert console.post(page_of(outsider, "praise"), {}).status_code == 404
