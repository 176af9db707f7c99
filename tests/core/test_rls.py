"""Row-level security, tried with the login of the web: nothing is visible without an identity."""

import uuid

from django.db import ProgrammingError, connection, transaction
import pytest

from ghar.lib import rls
from moderation.models import RiskScore
from viewings.models import ViewingRequest

pytestmark = pytest.mark.django_db


def settings_now() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), current_setting('ghar.uid', true)")
        role, uid = cursor.fetchone()
        return role, uid or ""


def test_an_inner_identity_gives_way_to_the_outer_one():
    outer, inner = uuid.uuid4(), uuid.uuid4()
    with rls.acting_as(rls.USER, uid=outer):
        with rls.acting_as(rls.WORKER, uid=inner):
            assert settings_now() == (rls.WORKER, str(inner))
        assert settings_now() == (rls.USER, str(outer))


def test_no_identity_is_left_behind():
    before = settings_now()
    with rls.acting_as(rls.USER, uid=uuid.uuid4()):
        pass
    assert settings_now() == before


def test_an_identity_ends_with_an_error_too():
    before = settings_now()
    with pytest.raises(ValueError, match="boom"), rls.acting_as(rls.USER, uid=uuid.uuid4()):
        raise ValueError("boom")
    assert settings_now() == before


def test_the_login_of_the_web_reads_nothing_by_itself():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE ghar_web")
        with pytest.raises(ProgrammingError, match="permission denied"):
            ViewingRequest.objects.exists()
        transaction.set_rollback(True)


def test_a_stranger_sees_no_request_even_without_a_filter(outsider):
    with rls.acting_for(outsider):
        assert list(ViewingRequest.objects.all()) == []


def test_a_poster_cannot_read_the_score_of_his_listing(poster):
    with rls.acting_for(poster):
        assert list(RiskScore.objects.values("status", "summary")) == []
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            list(RiskScore.objects.values("risk_score"))
