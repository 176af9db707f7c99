import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/api/v1/properties"])
def test_a_session_that_cannot_be_ours_is_none(client, path):
    # In a quoted cookie \000 is a NUL, which PostgreSQL refuses as text.
    assert client.get(path, HTTP_COOKIE='sessionid="aaaaaaaaaa\\000"').status_code == 200
