"""The pages on which somebody reports or blocks another person."""

import uuid

from django.contrib import messages as flash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from flatmates.forms import ReportForm
from flatmates.services.safety import Subject, report_person, subject_of, waiting_report
from ghar.accounts.forms import add_refusal
from ghar.accounts.models import User
from ghar.api.errors import with_error_headers
from ghar.api.pages import paginate_page
from ghar.errors import DomainError
from ghar.lib.guards import PageRequest, login_required, read_uuid
from ghar.properties.models import Property
from moderation.models import Block
from moderation.services.blocks import block_person, unblock_person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PageRequest, user_id: uuid.UUID) -> HttpResponse:
    """Tell us about a person (`?conversation=`) or a listing of theirs (`?listing=`)."""
    person = get_object_or_404(User, pk=user_id)
    listing = _listing(request)
    waiting = waiting_report(by=request.user, person=person, listing=listing)
    if waiting is not None:
        is_blocked = Block.objects.made_by(request.user).filter(blocked=person).exists()
        context = {"report": waiting, "person": person, "is_blocked": is_blocked}
        return render(request, "flatmates/report_sent.html", context)
    subject = _subject(request, person, listing)
    form = ReportForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "person": person, "listing": listing, "talk": subject.conversation}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "flatmates/report.html", context, status=status)
    try:
        _send(request, subject, form)
    except DomainError as error:
        add_refusal(form, error)
        page = render(request, "flatmates/report.html", context, status=error.status)
        return with_error_headers(page, error)
    return redirect(request.get_full_path())


@login_required
@require_POST
def block(request: PageRequest, user_id: uuid.UUID) -> HttpResponse:
    """The dialog of a browser with scripts adds `confirmed`; without one this page asks."""
    person = get_object_or_404(User, pk=user_id, is_active=True)
    if person == request.user:
        raise Http404
    if "confirmed" not in request.POST:
        return render(request, "flatmates/block.html", {"person": person})
    block_person(target=person, by=request.user)
    flash.success(
        request,
        _("%(name)s is blocked. You do not see each other any more.")
        % {"name": person.public_name},
    )
    return redirect("flatmates:blocked")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: PageRequest) -> HttpResponse:
    """Whom the reader has blocked. A POST takes one back."""
    mine = Block.objects.made_by(request.user).select_related("blocked")
    if request.method == "POST":
        pk = request.POST.get("block")
        if pk and (row := mine.filter(pk=read_uuid(pk)).first()):
            unblock_person(target=row.blocked, by=request.user)
            name = row.blocked.public_name
            flash.success(request, format_lazy(_("{name} is not blocked any more."), name=name))
        return redirect("flatmates:blocked")
    page = paginate_page(request, mine, order=("-created_at", "-id"))
    context = {"blocks": page.rows, "next_cursor": page.next_cursor}
    return render(request, "flatmates/blocked.html", context)


def _send(request: PageRequest, subject: Subject, form: ReportForm) -> None:
    wants_block = form.cleaned_data.pop("also_block")
    talk = subject.conversation
    report_person(
        by=request.user,
        reported=subject.person,
        conversation_id=talk.pk if talk else None,
        listing=subject.listing,
        **form.cleaned_data,
    )
    if wants_block:
        block_person(target=subject.person, by=request.user)


def _subject(request: PageRequest, person: User, listing: Property | None) -> Subject:
    talk = request.GET.get("conversation")
    try:
        return subject_of(
            by=request.user,
            person=person,
            conversation_id=read_uuid(talk) if talk else None,
            listing=listing,
        )
    except DomainError as error:
        raise Http404 from error


def _listing(request: PageRequest) -> Property | None:
    pk = request.GET.get("listing")
    return get_object_or_404(Property.objects.live(), pk=read_uuid(pk)) if pk else None
