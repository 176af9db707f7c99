import datetime as dt
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ghar.api.pages import paginate
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.formats import format_day, zone_name
from ghar.lib.guards import PageRequest, caller_required, login_required
from ghar.notifications.channels import vapid_public_key
from ghar.notifications.forms import ChannelsForm
from ghar.notifications.models import NEWEST_FIRST, Notification
from ghar.notifications.services import lines, preferences


def visible_to_caller(request: PageRequest) -> Any:
    return Notification.objects.of(request.caller).visible_at(clock.now())


def list_context(request: PageRequest, params: Any) -> dict[str, Any]:
    """A page of the list, its lines under the days of the reader's zone."""
    rows = visible_to_caller(request)
    page = paginate(rows, params=params, order=NEWEST_FIRST, scope="notifications")
    zone = ZoneInfo(request.caller.timezone)
    today = clock.now().astimezone(zone).date()
    days = [
        (day, name_of_day(day, today), list(lines))
        for day, lines in groupby(page.rows, lambda row: row.visible_at.astimezone(zone).date())
    ]
    return {"page": page, "days": days}


def name_of_day(day: dt.date, today: dt.date) -> str:
    names = {0: _("Today"), 1: _("Yesterday")}
    return names.get((today - day).days) or format_day(day, "EEEE d MMMM")


@caller_required
@require_GET
def notification_list(request: PageRequest) -> HttpResponse:
    try:
        context = list_context(request, request.GET)
    except DomainError:  # an old or made-up place in the list
        return redirect("notifications:list")
    return render(request, "notifications/list.html", context)


@caller_required
@require_GET
def newest(request: PageRequest) -> HttpResponse:
    """The list for a page that is already open."""
    return render(request, "notifications/_list.html", list_context(request, {}))


@caller_required
@require_GET
def bell(request: PageRequest) -> HttpResponse:
    return render(request, "notifications/_bell.html")


@caller_required
@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    lines.mark_all_read(principal=request.caller, now=clock.now())
    return redirect("notifications:list")


@caller_required
@require_POST
def open_notification(request: PageRequest, pk: UUID) -> HttpResponse:
    """Mark it read and go where it leads."""
    notification = get_object_or_404(visible_to_caller(request), pk=pk)
    lines.mark_read(notification=notification, is_read=True)
    if not url_has_allowed_host_and_scheme(notification.route, allowed_hosts=None):
        return redirect("notifications:list")
    return redirect(notification.route)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: PageRequest) -> HttpResponse:
    is_post = request.method == "POST"
    form = ChannelsForm(request.POST if is_post else None, principal=request.user)
    if form.is_valid():
        preferences.set_channels(principal=request.user, choices=form.choices)
        messages.success(request, _("Saved."))
        return redirect("notifications:channels")
    zone = zone_name(request.user.timezone)
    context = {"form": form, "push_key": vapid_public_key(), "zone": zone}
    return render(request, "notifications/channels.html", context)
