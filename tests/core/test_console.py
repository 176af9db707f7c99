"""The console of what stands below the apps: switches, and what the packages would let one write."""

from allauth.mfa.models import Authenticator
from django.urls import NoReverseMatch, reverse
import pytest

from ghar import flags
from ghar.accounts.models import SeekerSession
from ghar.audit.models import AuditEvent
from ghar.models import Flag
from tests.viewings.clients import with_login_of_the_web

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return with_login_of_the_web(client)


def test_a_flag_is_switched_in_the_console(console, admin, on_commit):
    assert flags.is_on(flags.VIEWINGS)
    new = {"name": flags.VIEWINGS, "note": "Later"}
    with on_commit():
        answer = console.post(reverse("admin:ghar_flag_add"), new)
    assert (answer.status_code, flags.is_on(flags.VIEWINGS)) == (302, False)
    switched = reverse("admin:ghar_flag_change", args=[flags.VIEWINGS])
    with on_commit():
        assert console.post(switched, {"is_on": "on", "note": ""}).status_code == 302
    assert flags.is_on(flags.VIEWINGS)
    assert Flag.objects.count() == 1
    rows = AuditEvent.objects.filter(action="flag_switched").order_by("id")
    assert [(row.actor_id, row.data["is_on"]) for row in rows] == [
        *((str(admin.pk), False), (str(admin.pk), True))
    ]


def test_a_flag_that_nothing_asks_for_is_refused(console):
    answer = console.post(reverse("admin:ghar_flag_add"), {"name": "VIEWING", "is_on": "on"})
    assert "Select a valid choice" in answer.text
    assert Flag.objects.count() == 0


def test_addresses_of_people_stand_in_no_table_of_the_console(console, seeker, seeker_session):
    SeekerSession.objects.update(contact_email="visitor@example.org")
    for path in (
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_user_changelist") + f"?q={seeker.email}",
        reverse("admin:accounts_user_change", args=[seeker.pk]),
        reverse("admin:accounts_seekersession_changelist"),
        reverse("admin:accounts_seekersession_change", args=[seeker_session.pk]),
    ):
        text = console.get(path).text.replace(f'value="{seeker.email}"', "")
        assert seeker.email not in text
        assert "visitor@" not in text


def test_nobody_writes_accounts_past_our_services(console):
    assert console.get(reverse("admin:mfa_authenticator_add")).status_code == 403
    with pytest.raises(NoReverseMatch):
        reverse("admin:account_emailaddress_add")


def test_a_second_factor_is_shown_without_its_secret(console, seeker):
    factor = Authenticator.objects.create(user=seeker, type="totp", data={"secret": "JBSWY3DP"})
    page = console.get(reverse("admin:mfa_authenticator_change", args=[factor.pk]))
    assert (page.status_code, "JBSWY3DP" in page.text) == (200, False)
