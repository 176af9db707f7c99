"""The base of every route: who calls, in which transaction, once or again."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from ghar.api import idempotency
from ghar.api.pages import paginate
from ghar.api.serializers import NothingSerializer
from ghar.errors import NotFound
from ghar.lib import rls

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ViewSet(GenericViewSet):
    """GenericViewSet with our words.

    `acts_as_caller`: the handler touches a table under row-level security and runs in one
    transaction as the caller. `remembers_keys`: writes accept an Idempotency-Key.
    """

    acts_as_caller = False
    remembers_keys = True
    metadata_class = None  # what a route takes, the schema says; OPTIONS is a 405

    @property
    def caller(self) -> Any:
        """The User or SeekerSession that calls, or None."""
        if self.request.user.is_authenticated:
            return self.request.user
        return self.request.auth

    def read(self, serializer_class: type[BaseSerializer], **context: Any) -> dict[str, Any]:
        """The validated body."""
        serializer = serializer_class(
            data=self.request.data, context={**self.get_serializer_context(), **context}
        )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def read_nothing(self) -> None:
        """For a write that takes no body: whatever stands in one is refused, never ignored."""
        self.read(NothingSerializer)

    def read_query(self, serializer_class: type[BaseSerializer]) -> dict[str, Any]:
        """The validated query parameters; unknown ones are left alone."""
        serializer = serializer_class(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def page(
        self,
        queryset: QuerySet[Any],
        represent: type[BaseSerializer] | Callable[[list[Any]], list[Any]],
        *,
        order: Sequence[str] = ("-id",),
    ) -> Response:
        """One keyset page. `represent` is a serializer class, or turns rows into plain data."""
        page = paginate(
            queryset,
            params=self.request.query_params,
            order=order,
            scope=self.request.path.rstrip("/"),
        )
        if isinstance(represent, type):
            items = represent(page.rows, many=True, context=self.get_serializer_context()).data
        else:
            items = represent(page.rows)
        return Response(page.envelope(items))

    def get_one(self, queryset: QuerySet[Any], key: Any, *, column: str = "pk") -> Any:
        """The row, or NotFound: the same whether it does not exist or is not the caller's."""
        found = queryset.filter(**{column: key}).first()
        if found is None:
            raise NotFound
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """DRF's dispatch, with the handler inside the caller's transaction.

        It is written out because identity is known only after `initial`, and the transaction must
        end before the answer leaves.
        """
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            return self._once(self.request)
        except Exception as exc:  # noqa: BLE001 -- handle_exception raises what it does not know
            return self._finalize(self.handle_exception(exc))

    def _once(self, request: Request) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if not key or not self.remembers_keys or not self.caller or request.method not in WRITES:
            return self._answer()
        return idempotency.once(
            caller=self.caller.event_channel,
            key=key,
            request=request._request,
            takes_form=any(isinstance(parser, MultiPartParser) for parser in self.get_parsers()),
            answer=self._answer,
        )

    def _answer(self) -> Response:
        method = (self.request.method or "").lower()
        # Only real methods: the attributes of a view are no way in, as NOTIFY or CHANGE would be.
        handler = getattr(self, method, None) if method in self.http_method_names else None
        try:
            with self._transaction():
                answer = handler or self.http_method_not_allowed
                response = answer(self.request, *self.args, **self.kwargs)
        except Exception as exc:  # noqa: BLE001 -- handle_exception raises what it does not know
            response = self.handle_exception(exc)
        return self._finalize(response)

    def _transaction(self) -> AbstractContextManager[None]:
        return rls.acting_for(self.caller) if self.acts_as_caller else nullcontext()

    def _finalize(self, response: Response) -> Response:
        self.response = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        return self.response
