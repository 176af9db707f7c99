"""axe on every page that a person can open: no serious finding. Pages and people are those of the
permission table, so that a new page is looked at without being named here.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from http.cookies import SimpleCookie

from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse
from playwright.sync_api import BrowserContext, Page
import pytest

from ghar.accounts.models import SeekerSession
from ghar.admin import ReadOnlyAdmin
from moderation.models import Case
from tests.browser.conftest import Web
from tests.browser.rows import add_what_the_world_lacks
from tests.faults.processes import wait_until
from tests.permissions import table
from tests.permissions.test_matrix import carry_session
from tests.permissions.world import World
from tests.viewings.actions import complete
from viewings.models import ViewingRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TELEPHONE = {"width": 360, "height": 740}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    # Not the style sheets: axe would put a copy of each that imports another into the page, which
    # the page's own policy forbids. Only a rule that is not among these reads them.
    "preload": {"assets": ["media"]},
}
# Who opens a page that several may open: whoever has most on it.
LOOKED_AT_BY = (table.SEEKER, table.POSTER, table.AGENT, table.SESSION, table.ANONYMOUS)

# Of Django: the end of a session, and an answer for scripts; forms have a test of their own.
NO_PAGES = ("logout", "autocomplete", "_add")
# Found and sent in one go: the page refreshes itself, and a form that was found before is none of it.
SEND_UNCHECKED = """(selector) => {
  const form = document.querySelector(selector);
  form.noValidate = true;
  form.requestSubmit();
}"""
# Not the menu of the account: it lies over what stands below it.
UNFOLD = "document.querySelectorAll('main details').forEach((each) => { each.open = true; })"


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    """One for all: nothing works behind it, and it keeps nothing of a test."""
    web = Web(tmp_path_factory.mktemp("web"))
    yield web
    web.stop()


@pytest.fixture
def site(web, settings) -> Iterator[Web]:
    settings.MEDIA_ROOT = web.media
    yield web
    wait_until(is_idle)  # a page that was closed may be read yet, and its tables are emptied next


def is_idle() -> bool:
    at_work = "SELECT FROM pg_stat_activity WHERE usename = 'ghar_web' AND state <> 'idle'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS ({at_work} AND datname = current_database())")
        return cursor.fetchone()[0]


@pytest.fixture
def world(transactional_db, site, seeker, poster, outsider, agent, admin):
    return World(seeker=seeker, poster=poster, outsider=outsider, agent=agent, admin=admin)


@pytest.fixture
def page_of(new_page: Callable[..., Page], site: Web, world: World) -> Callable[[str], Page]:
    """`page_of(actor)`: a telephone on which this person is signed in."""

    def signed_in(actor: str) -> Page:
        page = new_page(viewport=TELEPHONE)
        keep_cookies(page.context, site, cookies_of(world, actor))
        return page

    return signed_in


def cookies_of(world: World, actor: str) -> SimpleCookie:
    client, principal = Client(), world.principal(actor)
    if isinstance(principal, SeekerSession):
        carry_session(client, principal)
    elif principal is not None:
        client.force_login(principal, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies


def keep_cookies(context: BrowserContext, site: Web, cookies: SimpleCookie) -> None:
    context.add_cookies(
        [{"name": c.key, "value": c.value, "url": site.address("/")} for c in cookies.values()]
    )


def pages_of(world: World, actor: str) -> Iterator[str]:
    """The addresses of the pages that fall to `actor`."""
    for route, method, access in table.CELLS:
        is_page = method == "GET" and not route.startswith("api:")
        first = next((each for each in LOOKED_AT_BY if each in access.may), None)
        if is_page and first == actor:
            yield reverse(route, kwargs=world.address(access.about))


def pages_of_the_console() -> Iterator[str]:
    """Its dashboard, boards and lists: whatever needs no object."""
    for name in names_in(admin.site.get_urls()):
        with suppress(NoReverseMatch):
            yield reverse(f"admin:{name}")


def names_in(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from names_in(entry.url_patterns)
        elif not str(entry.name).endswith(NO_PAGES):
            yield entry.name


def findings(page: Page, addresses: Iterator[str]) -> list[str]:
    found = []
    for address in dict.fromkeys(addresses):
        answer = page.request.get(address)
        assert answer.status < 500, f"{address} answered {answer.status}"
        if "text/html" not in answer.headers["content-type"] or "<html" not in answer.text():
            continue  # a file, or a piece of a page
        page.goto(address)
        found += findings_on(page)
    return found


def findings_on(page: Page) -> list[str]:
    """What axe has to say about it as it stands, with all that is folded away."""
    page.evaluate(UNFOLD)
    return [
        f"{page.url} {each['id']}: {each['help']} {[node['html'][:150] for node in each['nodes'][:3]]}"
        for each in Axe().run(page, options=RULES).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("actor", LOOKED_AT_BY)
def test_no_page_has_a_serious_finding(actor, page_of, world):
    assert findings(page_of(actor), pages_of(world, actor)) == []


def test_the_console_has_no_serious_finding(page_of):
    assert findings(page_of(table.ADMIN), pages_of_the_console()) == []


def forms_of_the_console() -> Iterator[str]:
    """To add a row, where that is done by hand, and one row of every kind; each case, for they differ."""
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if not isinstance(model_admin, ReadOnlyAdmin):
            yield reverse(f"{name}_add")
        rows = list(model._default_manager.all()[: 10 if model is Case else 1])
        assert rows, f"there is no {model._meta.label} to look at"
        yield from (reverse(f"{name}_change", args=[row.pk]) for row in rows)


def test_no_form_of_the_console_has_a_serious_finding(page_of, world):
    add_what_the_world_lacks(world)
    assert findings(page_of(table.ADMIN), forms_of_the_console()) == []


@pytest.fixture
def missed(world) -> ViewingRequest:
    """The host says that the seeker did not come."""
    return complete(world.viewing, world.people[table.POSTER], outcome="visitor_no_show")


def test_objecting_to_the_outcome_of_a_viewing_has_no_serious_finding(page_of, missed):
    page = page_of(table.SEEKER)
    page.goto(missed.get_absolute_url())
    found = findings_on(page)
    form = page.locator("form[action$='dispute/']")
    page.evaluate(SEND_UNCHECKED, "form[action$='dispute/']")
    page.get_by_role("alert").wait_for()
    found += findings_on(page)
    form.get_by_role("textbox").fill("I rang three times")
    form.get_by_role("button").click()
    page.get_by_text("You told us that it was otherwise").wait_for()
    assert found + findings_on(page) == []
