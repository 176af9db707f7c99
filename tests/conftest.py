"""The cast and the surroundings of every test: one of each kind of person, and nothing shared."""

from collections.abc import Callable, Iterator
from pathlib import Path
import uuid

from celery import current_app
from django.test import TransactionTestCase
from django.utils import translation
import pytest
from rest_framework.test import APIClient

from ghar import flags
from ghar.accounts.models import ApiToken, SeekerSession, User
from ghar.lib import clock
from ghar.properties import areas
from tests.databases import empty_database
from tests.factories import (
    AdminFactory,
    ApiTokenFactory,
    SeekerSessionFactory,
    UserFactory,
    bearer,
    secret_of,
)

LONG = ("long", "boot", "browser", "faults", "race")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first: begun last, they would keep one process busy while the other has nothing."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in LONG))


@pytest.fixture
def seeker(db) -> User:
    return UserFactory(full_name="Sita Seeker", email="seeker@example.org")


@pytest.fixture
def poster(db) -> User:
    return UserFactory(full_name="Peter Poster", email="poster@example.org")


@pytest.fixture
def outsider(db) -> User:
    return UserFactory(full_name="Otto Outsider", email="outsider@example.org")


@pytest.fixture
def agent(db) -> User:
    return UserFactory(full_name="Agnes Agent", email="agent@example.org", role="agent")


@pytest.fixture
def admin(db) -> User:
    return AdminFactory(full_name="Ada Admin", email="admin@example.org")


@pytest.fixture
def seeker_session(db) -> SeekerSession:
    return SeekerSessionFactory()


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """`api(principal)` is an app of that User, SeekerSession or (None) nobody."""

    def client_of(principal: User | SeekerSession | None = None, **token: object) -> APIClient:
        client = APIClient()
        if isinstance(principal, SeekerSession):
            client.credentials(HTTP_X_SEEKER_SESSION=secret_of(principal))
        elif principal is not None:
            made: ApiToken = ApiTokenFactory(user=principal, **token)
            client.credentials(HTTP_AUTHORIZATION=bearer(made))
        return client

    return client_of


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Callable[..., object]:
    """`with on_commit():` runs at its end what the block wanted to happen after the commit."""

    def capture() -> object:
        return django_capture_on_commit_callbacks(execute=True)

    return capture


def alone(folder: Path) -> dict[str, object]:
    """Settings for files, limits and counters of one's own, and for cheap hashes."""
    cache = "django.core.cache.backends.locmem.LocMemCache"
    return {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "MEDIA_ROOT": folder / "media",
        "REDIS_PREFIX": f"test:{uuid.uuid4().hex}:",
        "CACHES": {"default": {"BACKEND": cache, "LOCATION": uuid.uuid4().hex}},
        "STAFF_MFA_REQUIRED": False,
        # Reading it now and then would blur counts of queries.
        "CLOCK_ADJUSTABLE": False,
    }


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path):
    """Nothing of one test is there in another."""
    for name, value in alone(tmp_path).items():
        setattr(settings, name, value)
    flags.forget()
    areas.forget()
    clock.forget_offset()
    yield
    flags.forget()
    areas.forget()
    clock.forget_offset()


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: empty_database())
        yield


@pytest.fixture(autouse=True)
def english():
    """A page asked for in another language leaves that language in the thread."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def tasks_run_at_once():
    conf = current_app.conf
    before = conf.task_always_eager, conf.task_eager_propagates
    conf.task_always_eager, conf.task_eager_propagates = True, True
    yield
    conf.task_always_eager, conf.task_eager_propagates = before
