"""Whatever a client may send: no 5xx, and no status that the schema does not tell."""

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from ghar.realtime.api import STREAM_PATHS
from ghar.wsgi import application
from tests.factories import ApiTokenFactory, bearer
from tests.permissions import table
from tests.permissions.world import World

pytestmark = pytest.mark.django_db

SOME = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CHECKS = [not_a_server_error, status_code_conformance]


@pytest.fixture
def world(seeker, poster, outsider, agent, admin) -> World:
    return World(seeker=seeker, poster=poster, outsider=outsider, agent=agent, admin=admin)


@pytest.fixture(autouse=True)
def one_connection():
    """As Django's own test client: the end of a request must not close the test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def real_ids(world: World, path: str) -> dict[str, str]:
    """Ids that exist, so that the calls get past the first door."""
    others = {
        "/viewings/": world.viewing.pk,
        "/cases/": world.case.pk,
        "/visits/": world.visit.pk,
        "/agents/": world.visit.agent_id,
    }
    for part, pk in others.items():
        if part in path:
            return {"id": str(pk)}
    return {
        "id": str(world.draft.pk),
        "media_id": str(world.draft_photo.pk),
        "user_id": str(world.face.profile.user_id),
    }


def check_operation(operation, mode, *, headers, ids) -> None:
    @SOME
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        for name in case.path_parameters or {}:
            case.path_parameters[name] = ids.get(name, ids["id"])
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    call()


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("actor", [table.POSTER, table.SEEKER, table.ADMIN])
def test_no_input_breaks_a_route(actor, mode, world):
    headers = {"Authorization": bearer(ApiTokenFactory(user=world.principal(actor)))}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    # Streams do not end, and this application does not serve them; tests/realtime reads them.
    schema = schema.exclude(path=list(STREAM_PATHS))
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            check_operation(operation, mode, headers=headers, ids=real_ids(world, operation.path))
        except Exception as failure:  # noqa: BLE001 -- all of them are told at the end
            failures.append(f"{operation.label}: {failure}")
    assert failures == []


@pytest.fixture(scope="module")
def described():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_a_verb_takes_what_its_own_serializer_reads(described):
    def body_of(path):
        return described["paths"][path]["post"].get("requestBody", {}).get("content")

    takes = {
        "/api/v1/visits/{id}/reschedule/": "RescheduleInput",
        "/api/v1/visits/{id}/cancel/": "CancelInput",
        "/api/v1/viewings/{id}/offer/": "TimesInput",
        "/api/v1/viewings/{id}/cancel/": "ViewingCancelInput",
    }
    for path, name in takes.items():
        assert body_of(path)["application/json"]["schema"]["$ref"].endswith(f"/{name}")
    assert body_of("/api/v1/visits/{id}/confirm/") is None


def test_the_streams_are_told_of_although_django_does_not_serve_them(described):
    assert set(STREAM_PATHS) == {"/api/v1/events", "/api/v1/flatmates/sse"}
    for path in STREAM_PATHS:
        stream = described["paths"][path]["get"]
        answers = {status: list(said["content"]) for status, said in stream["responses"].items()}
        assert answers.pop("200") == ["text/event-stream"]
        assert set(answers) == {"401", "403", "405", "503"}
        named = {(told["in"], told["name"]) for told in stream["parameters"]}
        assert named == {("header", "Last-Event-ID"), ("query", "lastEventId")}
        assert {scheme for way in stream["security"] for scheme in way} <= set(
            described["components"]["securitySchemes"]
        )


def test_a_session_is_named_where_it_is_taken(described):
    def takes_session(path):
        return {"seekerSession": []} in described["paths"][path]["get"]["security"]

    taken = {path: takes_session(f"/api/v1/{path}/") for path in ("visits", "agents", "viewings")}
    assert taken == {"visits": False, "agents": False, "viewings": True}


def test_a_list_is_described_as_a_page(described):
    """Whatever takes a cursor."""
    lists = [
        operation
        for path in described["paths"].values()
        for operation in path.values()
        if "cursor" in {parameter["name"] for parameter in operation.get("parameters", [])}
    ]
    assert len(lists) > 20
    for operation in lists:
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        name = answer["$ref"].rpartition("/")[2]
        assert set(described["components"]["schemas"][name]["required"]) == {
            *("items", "next_cursor", "has_more", "limit"),
        }
