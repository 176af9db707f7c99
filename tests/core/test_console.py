"""The console of what stands below the apps: switches, and what the packages would let one write."""

from allauth.mfa.models import Authenticator
from django.urls import reverse
import pytest

from ghar import flags
from ghar.models import Flag
from tests.viewings.clients import with_login_of_the_web

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return with_login_of_the_web(client)


def test_a_flag_is_switched_in_the_console(console):
    assert flags.is_on(flags.VIEWINGS)
    answer = console.post(reverse("admin:ghar_flag_add"), {"name": flags.VIEWINGS, "note": "Later"})
    assert (answer.status_code, flags.is_on(flags.VIEWINGS)) == (302, False)
    switched = reverse("admin:ghar_flag_change", args=[flags.VIEWINGS])
    assert console.post(switched, {"is_on": "on", "note": ""}).status_code == 302
    assert flags.is_on(flags.VIEWINGS)
    assert Flag.objects.count() == 1


def test_a_flag_that_nothing_asks_for_is_refused(console):
    answer = console.post(reverse("admin:ghar_flag_add"), {"name": "VIEWING", "is_on": "on"})
    assert "Select a valid choice" in answer.text
    assert Flag.objects.count() == 0


@pytest.mark.parametrize("kind", ["account_emailaddress", "mfa_authenticator"])
def test_nobody_writes_accounts_past_our_services(console, kind):
    assert console.get(reverse(f"admin:{kind}_add")).status_code == 403


def test_a_second_factor_is_shown_without_its_secret(console, seeker):
    factor = Authenticator.objects.create(user=seeker, type="totp", data={"secret": "JBSWY3DP"})
    page = console.get(reverse("admin:mfa_authenticator_change", args=[factor.pk]))
    assert (page.status_code, "JBSWY3DP" in page.text) == (200, False)
