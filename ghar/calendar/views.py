"""The private address of somebody's calendar: make one, change it, close it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ghar.calendar.models import CalendarFeed
from ghar.calendar.services.feed import close_feed, make_feed
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def feed(request: PageRequest) -> HttpResponse:
    """A POST makes a new address and shows it once, with `close` it takes it away."""
    url = ""
    if "close" in request.POST:
        close_feed(user=request.user)
        messages.success(
            request, _("The address is closed. Calendars that had it show nothing new.")
        )
        return redirect("calendar:feed")
    if request.method == "POST":
        url = make_feed(user=request.user, now=clock.now())
    own = CalendarFeed.objects.filter(user=request.user).first()
    # Calendar programs open this kind of address by themselves.
    context = {"url": url, "webcal": "webcal:" + url.partition(":")[2], "own": own}
    return render(request, "calendar/feed.html", context)
