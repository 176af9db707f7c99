"""Assistants of the people in these tests, as the tools see them, with the login of the web."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from typing import Any

from django.db import connection
import jsonschema
from mcp import types

from ghar.accounts.models import User
from ghar.api.tools import Call
from ghar.mcp import SERVERS, answer
from tests.factories import ApiTokenFactory


class Assistant:
    """What somebody's assistant does at one of the addresses."""

    def __init__(self, user: User, path: str = "/mcp") -> None:
        self.server = next(server for server in SERVERS if server.path == path)
        self.call = Call(user, ApiTokenFactory(user=user, made_with_otp=True), "127.0.0.1")

    def ask(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool, which is as the tool's schema describes it."""
        result = self._result(name, arguments)
        assert not result.is_error, result.content
        jsonschema.validate(result.structured_content, self._listed(name).output_schema)
        return result.structured_content

    def refused(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The error of a tool that refuses."""
        result = self._result(name, arguments)
        assert result.is_error, result.content
        return result.structured_content["error"]

    def code(self, name: str, **arguments: Any) -> str:
        return self.refused(name, **arguments)["code"]

    def _result(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        sent = json.loads(json.dumps(arguments, default=str))
        with web_login():
            result = answer(self.server.tools[name], self.call, sent)
        assert json.loads(result.content[0].text) == result.structured_content
        return result

    def _listed(self, name: str) -> types.Tool:
        return next(tool for tool in self.server.listed if tool.name == name)


@contextmanager
def web_login() -> Iterator[None]:
    """Inside the session is ghar_web's: no grant on the private tables but by a role."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION ghar_web")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")


def staff(user: User) -> Assistant:
    return Assistant(user, "/mcp-admin")
