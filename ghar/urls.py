"""Every address of the site. Each app brings its own; this file only joins them."""

from typing import Any

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from flatmates import urls as flatmates
from ghar import views
from ghar.accounts import urls as accounts
from ghar.accounts.views import set_language
from ghar.audit import urls as audit
from ghar.calendar import urls as calendar
from ghar.notifications import urls as notifications
from ghar.properties import urls as properties
from moderation import urls as moderation
from viewings import urls as viewings
from visits import urls as visits

# The contract is the same for everybody; a refused token must not keep anybody from reading it.
NOBODY: dict[str, Any] = {"authentication_classes": []}

api = [
    *accounts.api_urlpatterns,
    *audit.api_urlpatterns,
    *calendar.api_urlpatterns,
    *notifications.api_urlpatterns,
    *properties.api_urlpatterns,
    *moderation.api_urlpatterns,
    *flatmates.api_urlpatterns,
    *viewings.api_urlpatterns,
    *visits.api_urlpatterns,
    re_path(r"^schema/?$", SpectacularAPIView.as_view(**NOBODY), name="schema"),
    re_path(
        r"^docs/?$",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", **NOBODY),
        name="docs",
    ),
    # Last: apps read JSON also where Django would show its own page, as with DEBUG on.
    re_path("", views.no_such_route, name="unknown"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("help/<slug:topic>/", views.help_page, name="help"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("offline/", views.offline, name="offline"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("", include((accounts.urlpatterns, "accounts"))),
    path("", include((calendar.urlpatterns, "calendar"))),
    path("", include((notifications.urlpatterns, "notifications"))),
    path("", include((properties.urlpatterns, "properties"))),
    path("", include((moderation.urlpatterns, "moderation"))),
    path("", include((flatmates.urlpatterns, "flatmates"))),
    path("", include((viewings.urlpatterns, "viewings"))),
    path("", include((visits.urlpatterns, "visits"))),
    path("accounts/", include(accounts.allauth_urlpatterns)),
    path("api/v1/", include((api, "api"))),
    path("admin/", include((moderation.console_urlpatterns, "console"))),
    path("admin/", admin.site.urls),
]

handler400 = "ghar.views.bad_request"
handler403 = "ghar.views.permission_denied"
handler404 = "ghar.views.page_not_found"
handler500 = "ghar.views.server_error"
