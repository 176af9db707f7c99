"""Every route x every kind of caller, against the table, with the login of the web."""

from collections.abc import Iterator
import re

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
import pytest
from rest_framework.test import APIClient

from ghar.accounts.authentication import remember_session
from ghar.accounts.models import SeekerSession
from ghar.lib.ids import uuid7
from tests.conftest import alone
from tests.factories import AdminFactory, UserFactory, secret_of
from tests.permissions.routes import own_routes
from tests.permissions.table import (
    ACTORS,
    ADMIN,
    ANONYMOUS,
    CELLS,
    FORMS,
    TABLE,
    WITHOUT_ACCOUNT,
    Access,
)
from tests.permissions.world import World

pytestmark = pytest.mark.django_db

# Seeker sessions may have such an object, so one that is not theirs is hidden, not "sign in first".
ABOUT_SESSIONS_TOO = ("viewing", "notification")
# Somebody who may see the object but not take the step; bad input may be told first.
REFUSED = {403, 409, 415, 422}
PAGE_NOISE = re.compile(rb'value="[^"]*"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
NOT_LET_IN = {401, 403, 404, 405}


def test_every_route_has_a_row():
    """Pages are views of their own, so their methods are tried: 405 alone is no access."""
    listed = {name for name, _method in TABLE}
    assert {route.name for route in own_routes()} - listed == set()
    assert listed - {route.name for route in own_routes()} == set()


def test_every_method_of_the_api_has_a_row():
    methods = {(r.name, method) for r in own_routes() for method in r.methods or ()}
    assert methods - set(TABLE) == set()


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """One for every cell: it takes longer to make than to try, and what a call did is undone."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), override_settings(**alone(folder)), transaction.atomic():
        yield World(
            seeker=UserFactory(),
            poster=UserFactory(),
            outsider=UserFactory(),
            agent=UserFactory(role="agent"),
            admin=AdminFactory(),
        )
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world, settings) -> World:
    settings.MEDIA_ROOT = shared_world.media
    return shared_world


@pytest.mark.parametrize(
    ("route", "method", "access"), CELLS, ids=[f"{r} {m} {a.about}" for r, m, a in CELLS]
)
def test_the_table_holds(route, method, access, world, api):
    form = FORMS.get((route, method), {})
    address = reverse(route, kwargs=world.address(access.about))
    elsewhere = nonexistent(route, world, access)
    is_api = route.startswith("api:")
    clients = {actor: client_of(world, actor, api, is_api=is_api) for actor in ACTORS}
    before = rows_of_every_table()
    for actor, client in clients.items():
        status, body = call(client, method, address, form, before=before)
        if actor in access.may:
            assert is_let_in(status), f"{actor} should be let in, got {status}"
        elif actor in access.wrong_side:
            assert status in REFUSED, f"{actor} is on the wrong side, got {status}"
        else:
            expected = refusal(access, actor)
            assert status == expected, f"{actor}: {status} instead of {expected}"
        if status == 404 and elsewhere:
            again = call(client, method, elsewhere, form, before=before)
            assert again == (status, body), f"{actor} can tell hidden from nonexistent"


def client_of(world: World, actor: str, api, *, is_api: bool) -> Client:
    principal = world.principal(actor)
    if is_api:
        client: Client = api(principal)
    else:
        client = Client()
        if isinstance(principal, SeekerSession):
            carry_session(client, principal)
        elif principal is not None:
            client.force_login(principal, backend="django.contrib.auth.backends.ModelBackend")
    return client


def carry_session(client: Client, session: SeekerSession) -> None:
    response = HttpResponse()
    remember_session(response, secret_of(session))
    client.cookies.update(response.cookies)


def call(
    client: Client, method: str, address: str, form: dict[str, str], *, before: list[str]
) -> tuple[int, bytes]:
    """Status and body. What the call did is undone; what a refusal did must be nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE ghar_web")
        body = {"format": "json"} if isinstance(client, APIClient) and method != "GET" else {}
        response = getattr(client, method.lower())(address, form, **body)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        if response.status_code >= 400:
            assert rows_of_every_table() == before, "a refusal has changed something"
        transaction.set_rollback(True)
    location = response.get("Location", "")
    status = 401 if response.status_code == 302 and location.startswith("/login/") else None
    content = b"" if response.streaming else response.content
    # A page repeats its own address and carries a fresh token; neither tells anything.
    return status or response.status_code, PAGE_NOISE.sub(b"", content)


def is_let_in(status: int) -> bool:
    return status not in NOT_LET_IN and status < 500


def refusal(access: Access, actor: str) -> int:
    if actor == ANONYMOUS or (
        actor in WITHOUT_ACCOUNT and not access.about.endswith(ABOUT_SESSIONS_TOO)
    ):
        return access.unknown
    return access.denied


def nonexistent(route: str, world: World, access: Access) -> str:
    kwargs = world.address(access.about)
    if "pk" not in kwargs:
        return ""
    return reverse(route, kwargs={**kwargs, "pk": uuid7()})


def rows_of_every_table() -> list[str]:
    """Of ours, each as text."""
    tables = [
        name
        for name in connection.introspection.table_names()
        if not name.startswith(("django_", "auth_"))
    ]
    rows = (f"SELECT '{name} ' || t::text FROM {name} t" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows))
        return sorted(row for (row,) in cursor.fetchall())


def test_only_admins_are_staff():
    assert all(access.may == {ADMIN} for _, _, access in CELLS if access.denied == 403)
