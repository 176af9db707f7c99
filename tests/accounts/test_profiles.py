"""Reading, changing, exporting and leaving an account."""

import datetime as dt

import pytest
import time_machine

from ghar.accounts.models import Role, User
from ghar.accounts.services import profiles
from ghar.audit.models import AuditEvent
from ghar.errors import NotAllowed
from ghar.lib import clock
from ghar.realtime.models import Event
from tests.factories import PASSWORD, NotificationFactory

pytestmark = pytest.mark.django_db

ME, RESTORE = "/api/v1/users/me", "/api/v1/users/me/restore"
CREDENTIALS = {"identifier": "seeker@example.org", "password": PASSWORD}


def test_owner_fields_are_exactly_those_of_the_contract(api, seeker):
    assert set(api(seeker).get(ME).json()) == {
        *("id", "full_name", "role", "email", "phone", "email_verified", "phone_verified"),
        *("timezone", "language", "created_at"),
    }


def test_profile_is_changed(api, seeker):
    changes = {"full_name": "Sita New", "timezone": "Africa/Kigali", "language": "rw"}
    response = api(seeker).patch(ME, changes)
    assert response.status_code == 200
    assert {name: response.json()[name] for name in changes} == changes


@pytest.mark.parametrize(
    "change",
    [{"role": "admin"}, {"email": "x@example.org"}, {"timezone": "Mars"}, {"language": "de"}],
)
def test_server_owned_and_unknown_values_are_refused(api, seeker, change):
    response = api(seeker).patch(ME, change)
    assert response.status_code == 422
    assert list(response.json()["error"]["details"]["fields"]) == list(change)


def test_nobody_has_no_profile(api, seeker_session):
    assert api().get(ME).status_code == 401
    assert api(seeker_session).get(ME).status_code == 401


def test_leaving_hides_and_signs_out_at_once(api, seeker):
    client = api(seeker)
    assert client.delete(ME, {"password": "wrong"}).status_code == 422
    assert client.delete(ME, {"password": PASSWORD}).status_code == 204
    assert client.get(ME).status_code == 401
    assert api().post("/api/v1/auth/token", CREDENTIALS).status_code == 401


def test_within_seven_days_the_account_is_restored(api, seeker):
    profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now())
    with time_machine.travel(clock.now() + dt.timedelta(days=6, hours=23)):
        response = api().post(RESTORE, CREDENTIALS)
        assert response.status_code == 200
        assert api().post("/api/v1/auth/token", CREDENTIALS).status_code == 200


def test_after_seven_days_it_is_not(api, seeker):
    profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now())
    with time_machine.travel(clock.now() + dt.timedelta(days=7, seconds=1)):
        assert api().post(RESTORE, CREDENTIALS).status_code == 401


def test_there_is_nothing_to_restore_in_a_living_account(api, seeker):
    assert api().post(RESTORE, CREDENTIALS).status_code == 401


def test_after_seven_days_everything_is_erased_and_the_audit_keeps_a_pseudonym(seeker, poster):
    NotificationFactory(user=seeker)
    now = clock.now()
    profiles.delete_account(user=seeker, password=PASSWORD, now=now)
    profiles.erase_due_accounts(now=now + dt.timedelta(days=6))
    assert User.objects.filter(pk=seeker.pk).exists()
    profiles.erase_due_accounts(now=now + dt.timedelta(days=7))
    assert list(User.objects.all()) == [poster]
    assert Event.objects.of(seeker.event_channel).count() == 0
    rows = AuditEvent.objects.filter(target_id=str(seeker.pk))
    assert [row.action for row in rows.order_by("id")] == [
        "account_deletion_requested",
        "account_erased",
    ]
    assert all("Sita" not in row.actor_label for row in rows)


def test_export_holds_every_section(api, seeker):
    NotificationFactory(user=seeker, title="A title to find")
    response = api(seeker).get(f"{ME}/export")
    assert response.status_code == 200
    body = response.json()
    assert body["account"]["email"] == seeker.email
    assert [row["title"] for row in body["notifications"]["received"]] == ["A title to find"]


def test_role_change_is_audited_and_signs_out(api, client, seeker, admin):
    app = api(seeker)
    client.post("/login/", {"login": seeker.email, "password": PASSWORD})
    assert client.get("/me/").status_code == 200
    profiles.change_role(user=seeker, role=Role.AGENT, by=admin, now=clock.now())
    assert app.get(ME).status_code == 401
    assert client.get("/me/").status_code == 302
    row = AuditEvent.objects.get(action="role_changed")
    assert (row.actor_id, row.target_id) == (str(admin.pk), str(seeker.pk))
    assert row.data == {"from": "user", "to": "agent"}


def test_role_change_by_outsider_or_of_oneself_is_refused(seeker, outsider, admin):
    with pytest.raises(NotAllowed):
        profiles.change_role(user=seeker, role=Role.ADMIN, by=outsider, now=clock.now())
    with pytest.raises(NotAllowed):
        profiles.change_role(user=admin, role=Role.USER, by=admin, now=clock.now())


def test_a_repeated_role_change_writes_nothing(seeker, admin):
    profiles.change_role(user=seeker, role=Role.USER, by=admin, now=clock.now())
    assert AuditEvent.objects.count() == 0


def test_admin_changes_a_role_in_the_console(client, admin, seeker):
    client.force_login(admin)
    data = {"action": "make_agent", "_selected_action": [str(seeker.pk)]}
    assert client.post("/admin/accounts/user/", data).status_code == 302
    seeker.refresh_from_db()
    assert seeker.role == Role.AGENT
    assert AuditEvent.objects.get(action="role_changed").channel == "admin"


def test_strangers_see_first_name_and_initial(seeker):
    assert seeker.public_name == "Sita S."


def test_a_restored_account_has_no_browser_signed_in(client, seeker):
    client.force_login(seeker)
    profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now())
    profiles.restore_account(**CREDENTIALS, now=clock.now())
    assert client.get(ME).status_code == 401


def test_restoring_does_not_lift_a_suspension(api, seeker):
    profiles.delete_account(user=seeker, password=PASSWORD, now=clock.now())
    User.objects.filter(pk=seeker.pk).update(suspended_at=clock.now())
    client = api()
    client.post(RESTORE, CREDENTIALS)
    token = client.post("/api/v1/auth/token", CREDENTIALS).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get("/api/v1/properties/mine").status_code == 403


def test_whom_the_sweep_meets_restored_stays(seeker):
    now = clock.now()
    profiles.delete_account(user=seeker, password=PASSWORD, now=now)
    profiles.restore_account(**CREDENTIALS, now=now)
    assert profiles._erase(seeker.pk, now + dt.timedelta(days=8)) is False
    assert User.objects.filter(pk=seeker.pk).exists()
