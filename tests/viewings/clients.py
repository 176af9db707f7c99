"""Clients whose requests reach the database as those of the running web do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection
from django.test import Client

AnyClient = TypeVar("AnyClient", bound=Client)


@contextmanager
def login_of_the_web() -> Iterator[None]:
    """ghar_web has no grant on the private tables: without a role every touch of them fails."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION ghar_web")
        try:
            yield
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")


def with_login_of_the_web(client: AnyClient) -> AnyClient:
    answer = client.request

    def request(**kwargs: Any) -> Any:
        with login_of_the_web():
            return answer(**kwargs)

    client.request = request
    return client
