"""Pages and probes that belong to no app: first page, help, health, errors, the offline shell."""

import sys
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
import redis
from redis.exceptions import RedisError

from ghar.api.errors import Malformed, error_headers, error_response, is_api, is_outage
from ghar.errors import NotAllowed, NotFound, Unavailable
from ghar.lib import clock
from ghar.lib.disk import is_no_room
from ghar.lib.places import city_names
from ghar.properties.forms import DetailsForm, PlaceForm, SearchForm
from ghar.properties.models import Property
from ghar.properties.states import ListingStatus, PropertyType
from ghar.properties.views.public import ListingSitemap, currency_of_reader

NEWEST: Final = 8
HELP_TOPICS: Final = {
    "how-checks-work": _("How listings are checked"),
    "viewings": _("Agreeing on a viewing"),
    "privacy": _("What others see of you"),
    "safety": _("Staying safe"),
    "assistants": _("Assistants and apps"),
    "contact": _("Complaints and contact"),
}
ROBOTS: Final = """User-agent: *
Disallow: /host/
Disallow: /viewings/
Disallow: /v/
Disallow: /visits/
Disallow: /settings/
Disallow: /admin/
Disallow: /api/"""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "listings": Property.objects.newest().for_cards()[:NEWEST],
        "form": SearchForm(usual_currency=currency_of_reader(request)),
        "cities": city_names(),
    }
    return render(request, "ghar/home.html", context)


@require_safe
def help_page(request: HttpRequest, topic: str) -> HttpResponse:
    if topic not in HELP_TOPICS:
        raise Http404
    context = {"topic": topic, "title": HELP_TOPICS[topic], "topics": HELP_TOPICS}
    return render(request, f"ghar/help/{topic}.html", context)


@require_safe
@staff_member_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, with real forms and the newest listings."""
    shared_flat = Property(property_type=PropertyType.FLATMATE)
    context = {
        "refused": PlaceForm({}),
        "details": DetailsForm(instance=shared_flat),
        "statuses": ListingStatus.choices,
        "listings": Property.objects.newest().for_cards()[:3],
        "moment": clock.now(),
    }
    return render(request, "ghar/styleguide.html", context)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: database, Redis, and no migration left to run."""
    state = {"database": _database_answers(), "redis": _redis_answers()}
    state["migrations"] = state["database"] and _is_migrated()
    return JsonResponse(state, status=200 if all(state.values()) else 503)


@require_safe
@cache_control(max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(staticfiles_storage.url("img/favicon.ico"))


@require_safe
@cache_control(max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = f"{settings.BASE_URL}/sitemap.xml"
    # Of more places than a file holds every file is named: there is no index of them.
    pages = [f"?p={page}" if page > 1 else "" for page in ListingSitemap().paginator.page_range]
    lines = [f"Sitemap: {sitemap}{page}" for page in pages]
    return HttpResponse("\n".join([ROBOTS, *lines, ""]), content_type="text/plain")


@require_safe
@cache_control(max_age=0)
def service_worker(request: HttpRequest) -> HttpResponse:
    """From the root, because a service worker governs only what lies below its address."""
    return render(request, "ghar/sw.js", content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "ghar/offline.html")


@csrf_exempt
def no_such_route(request: HttpRequest) -> HttpResponse:
    return error_response(NotFound())


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if is_api(request):
        return error_response(Malformed())
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return permission_denied(request)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if is_api(request):
        return error_response(NotAllowed())
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if is_api(request):
        return error_response(NotFound())
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the base template: whatever broke may break it too."""
    if is_outage(sys.exception()):
        return _unavailable(request)
    return render(request, "500.html", status=500)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """What the site stands on is away or full, and no view could say so."""
    error = Unavailable()
    if is_api(request):
        return error_response(error)
    context = {"is_full": is_no_room(sys.exception())}
    page = render_to_string("503.html", context, request)
    return HttpResponse(page, status=error.status, headers=error_headers(error))


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1).ping())
    except RedisError:
        return False


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
