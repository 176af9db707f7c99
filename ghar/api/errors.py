"""Every failure of a route in the one shape of the API."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback
import structlog

from ghar import errors
from ghar.errors import DomainError
from ghar.lib.disk import is_no_room

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 5


def error_body(error: DomainError) -> dict[str, Any]:
    return {
        "error": {
            "code": error.code,
            "message": str(error.message),
            "details": error.details,
        }
    }


def error_headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, errors.RateLimited):
        return {"Retry-After": str(error.retry_after)}
    if error.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.Unavailable):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


def with_error_headers(response: HttpResponse, error: DomainError) -> HttpResponse:
    """A page that a refusal comes back on says when to come again, as the API does."""
    for name, value in error_headers(error).items():
        response[name] = value
    return response


def error_response(error: DomainError) -> JsonResponse:
    """The error for places that stand outside DRF: middleware, and the site's own 404."""
    return JsonResponse(error_body(error), status=error.status, headers=error_headers(error))


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


class MethodNotAllowed(DomainError):
    status = 405
    code = "METHOD_NOT_ALLOWED"


class Malformed(DomainError):
    status = 400
    code = "MALFORMED"
    message = _("We could not read this request.")


class NotAcceptable(DomainError):
    status = 406
    code = "NOT_ACCEPTABLE"


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. None lets a real fault become a 500, which is what it is."""
    error = as_domain_error(exc)
    if error is None:
        return None
    set_rollback()
    return Response(error_body(error), status=error.status, headers=error_headers(error))


def as_domain_error(exc: Exception) -> DomainError | None:
    """The same refusal in our words; None for what is no refusal but a fault."""
    for kinds, translate in _TRANSLATIONS:
        if isinstance(exc, kinds):
            return translate(exc)
    return _unavailable(exc) if is_outage(exc) else None


def is_outage(exc: BaseException | None) -> bool:
    """The database or Redis is away, or the disk is full: the same call will work another time."""
    return isinstance(exc, OperationalError | InterfaceError | RedisError) or is_no_room(exc)


def _unavailable(exc: Exception) -> DomainError:
    log.warning("server_unavailable", error=type(exc).__name__, detail=str(exc)[:200])
    return errors.Unavailable()


def _as_fields(detail: Any) -> Any:
    """DRF's nested errors; a bare list belongs to no field in particular."""
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


_TRANSLATIONS: list[tuple[tuple[type[Exception], ...], Callable[[Any], DomainError]]] = [
    ((DomainError,), lambda exc: exc),
    ((Http404, exceptions.NotFound), lambda exc: errors.NotFound()),
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        lambda exc: errors.NotAuthenticated(),
    ),
    ((PermissionDenied, exceptions.PermissionDenied), lambda exc: errors.NotAllowed()),
    (
        (exceptions.ValidationError,),
        lambda exc: errors.Invalid(details={"fields": _as_fields(exc.detail)}),
    ),
    ((exceptions.ParseError,), lambda exc: Malformed(str(exc.detail))),
    ((exceptions.UnsupportedMediaType,), lambda exc: errors.UnsupportedMedia(str(exc.detail))),
    ((exceptions.MethodNotAllowed,), lambda exc: MethodNotAllowed(str(exc.detail))),
    ((exceptions.NotAcceptable,), lambda exc: NotAcceptable(str(exc.detail))),
    ((RequestDataTooBig,), lambda exc: errors.TooLarge()),
    ((SuspiciousOperation,), lambda exc: Malformed()),
]
