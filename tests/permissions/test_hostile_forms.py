"""Whatever a browser, or somebody who writes one, sends with a form: no page breaks."""

from collections.abc import Iterator
import re
from urllib.parse import urlencode, urlsplit

from django.db import transaction
from django.test import Client
from django.urls import reverse
import pytest

from flatmates.forms import WELCOME
from ghar.lib.ids import UUID_PATTERN
from ghar.properties.views.host import STEPS as BUILDER
from tests.permissions import table
from tests.permissions.forms import Form, forms_of
from tests.permissions.test_matrix import client_of
from tests.permissions.world import World
from tests.viewings.actions import ask
from tests.visits.actions import tour

pytestmark = pytest.mark.django_db

# What a field may get that asks for a text, a number, a day or an id.
NASTY = {
    "a NUL": "a\0b",
    "half a character": b"\xed\xa0\x80",
    "a huge number": "9" * 400,
    "no number": "NaN",
    "a year too far": "99999-12-31",
    "a megabyte": "x" * 1_000_000,
}
# Between them they have all forms.
READERS = (table.ANONYMOUS, table.POSTER)
FORM = "application/x-www-form-urlencoded"
ID = re.compile(rf"{UUID_PATTERN}|/v/[^/]+")


@pytest.fixture
def world(seeker, poster, outsider, agent, admin) -> World:
    return World(seeker=seeker, poster=poster, outsider=outsider, agent=agent, admin=admin)


def addresses(world: World, actor: str) -> Iterator[str]:
    """The pages of this reader, each step of what is done in steps among them."""
    for route, method, access in table.CELLS:
        if method == "GET" and not route.startswith("api:") and actor in access.may:
            yield reverse(route, kwargs=world.address(access.about))
    if actor == table.POSTER:
        yield from (f"/host/new/{step}/?listing={world.draft.pk}" for step in BUILDER)
        yield from (f"/welcome/{step}/" for step in WELCOME)
        yield ask(world.live, world.people[table.OUTSIDER]).get_absolute_url()
        yield tour(world.live, world.people[table.OUTSIDER], day=8).get_absolute_url()
        yield "/saved/searches/new/?city=Kigali"


def forms_for(client: Client, world: World, actor: str) -> Iterator[Form]:
    """Each once, whatever page and object it is on."""
    seen = set()
    for address in addresses(world, actor):
        page = client.get(address)
        if page.streaming or "text/html" not in page.get("Content-Type", ""):
            continue
        for form in forms_of(address, page.content.decode()):
            key = (ID.sub("", urlsplit(form.action).path), form.method, *sorted(form.fields))
            if key not in seen and not form.action.startswith(("/admin/", "/logout/")):
                seen.add(key)
                yield form


def status_of(client: Client, form: Form, fields: dict[str, str | bytes]) -> int:
    body = urlencode(fields)
    # What the call did is undone.
    with transaction.atomic():
        if form.method == "post":
            response = client.post(form.action, body, content_type=FORM)
        else:
            response = client.get(f"{urlsplit(form.action).path}?{body}")
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.parametrize("actor", READERS)
def test_no_field_of_a_form_breaks_a_page(actor, world, api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000
    # Nothing but a fault is looked for: limits would hide it.
    settings.LIMITS = {name: (10**6, 60, per) for name, (_, _, per) in settings.LIMITS.items()}
    client = client_of(world, actor, api, is_api=False)
    client.raise_request_exception = False
    forms = list(forms_for(client, world, actor))
    assert len(forms) > 10
    broken = [
        f"{form.method} {form.action} {name}: {kind}"
        for form in forms
        for name in form.fields
        for kind, value in NASTY.items()
        if status_of(client, form, form.fields | {name: value}) >= 500
    ]
    assert broken == []
