"""The audit in the console, which opens at once however long it is."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
import pytest

from ghar.audit.models import AuditEvent
from ghar.audit.services import record
from ghar.lib import clock

pytestmark = pytest.mark.django_db

LIST = reverse("admin:audit_auditevent_changelist")


@pytest.fixture
def rows(admin, poster, client) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    for number in range(3):
        record(by=poster, action="tested", target=poster, now=clock.now(), data={"n": number})


@pytest.mark.usefixtures("rows")
def test_nothing_goes_through_the_whole_chain(client, settings):
    settings.STAFF_MFA_REQUIRED = False
    with CaptureQueriesContext(connection) as asked:
        page = client.get(LIST)
    counts = [q["sql"] for q in asked if "audit_events" in q["sql"] and "COUNT(" in q["sql"]]
    assert (page.status_code, counts) == (200, [])
    assert page.context["cl"].result_count == AuditEvent.objects.count() > 0


@pytest.mark.usefixtures("rows")
def test_what_is_searched_for_is_counted(client, poster, settings):
    settings.STAFF_MFA_REQUIRED = False
    page = client.get(LIST, {"q": str(poster.pk)})
    found = AuditEvent.objects.filter(target_id=str(poster.pk)) | AuditEvent.objects.filter(
        actor_id=str(poster.pk)
    )
    assert page.context["cl"].result_count == found.count()
    none = client.get(LIST, {"channel__exact": "mcp"})
    assert none.context["cl"].result_count == 0
