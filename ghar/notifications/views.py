from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ghar.api.pages import paginate
from ghar.errors import DomainError
from ghar.lib import clock
from ghar.lib.guards import PageRequest, caller_required
from ghar.notifications import services
from ghar.notifications.forms import ChannelsForm
from ghar.notifications.models import Notification


def visible_to_caller(request: PageRequest) -> Any:
    return Notification.objects.of(request.caller).visible_at(clock.now())


@caller_required
@require_GET
def notification_list(request: PageRequest) -> HttpResponse:
    try:
        page = paginate(visible_to_caller(request), params=request.GET, scope="notifications")
    except DomainError:  # an old or made-up place in the list
        return redirect("notifications:list")
    return render(request, "notifications/list.html", {"page": page})


@caller_required
@require_GET
def newest(request: PageRequest) -> HttpResponse:
    """The list for a page that is already open."""
    page = paginate(visible_to_caller(request), params={}, scope="notifications")
    return render(request, "notifications/_list.html", {"page": page})


@caller_required
@require_GET
def bell(request: PageRequest) -> HttpResponse:
    return render(request, "notifications/_bell.html")


@caller_required
@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    services.mark_all_read(principal=request.caller, now=clock.now())
    return redirect("notifications:list")


@caller_required
@require_POST
def open_notification(request: PageRequest, pk: UUID) -> HttpResponse:
    """Mark it read and go where it leads."""
    notification = get_object_or_404(visible_to_caller(request), pk=pk)
    services.mark_read(notification=notification, is_read=True)
    if not url_has_allowed_host_and_scheme(notification.route, allowed_hosts=None):
        return redirect("notifications:list")
    return redirect(notification.route)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: PageRequest) -> HttpResponse:
    is_post = request.method == "POST"
    form = ChannelsForm(request.POST if is_post else None, principal=request.user)
    if form.is_valid():
        services.set_channels(principal=request.user, choices=form.choices)
        messages.success(request, _("Saved."))
        return redirect("notifications:channels")
    return render(request, "notifications/channels.html", {"form": form})
