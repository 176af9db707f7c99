"""One's own profile: the welcome in six steps, its photos, pause and return."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from flatmates.forms import WELCOME, StepForm
from flatmates.models import Profile, ProfilePhoto
from flatmates.rules.completeness import STEPS
from flatmates.services import photos, profiles
from ghar.accounts.forms import add_refusal
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError, Invalid
from ghar.lib.guards import PageRequest, login_required, read_uuid
from ghar.lib.places import city_names, locality_names
from ghar.properties.images import rejection_message
from ghar.properties.views.photos import posted_order

PAGE: Final = ["GET", "HEAD", "POST"]
LAST: Final = list(STEPS)[-1]
VERBS: Final[dict[str, Callable[..., Profile]]] = {
    "pause": profiles.pause_profile,
    "resume": profiles.resume_profile,
}


# --- The welcome ----------------------------------------------------------------------------------
@login_required
@require_http_methods(PAGE)
def welcome(request: PageRequest, step: str) -> HttpResponse:
    """One step, saved by itself; the same steps change a profile that is there already."""
    if step not in STEPS:
        raise Http404
    profile = profiles.profile_or_blank(request.user)
    was_new = not profile.onboarding_completed
    if request.method != "POST":
        return _step_page(request, step, WELCOME[step](instance=profile), is_new=was_new)
    form = WELCOME[step](request.POST, request.FILES, instance=profile)
    if "skip" not in request.POST and not form.is_valid():
        return _step_page(request, step, form, is_new=was_new, status=422)
    try:
        saved = _save(request, step, {} if "skip" in request.POST else form.cleaned_data)
    except DomainError as error:
        add_refusal(form, error)
        page = _step_page(request, step, form, is_new=was_new, status=error.status)
        return with_error_headers(page, error)
    return _after(request, step, saved, was_new=was_new)


@transaction.atomic
def _save(request: PageRequest, step: str, said: dict[str, Any]) -> Profile:
    changes = {name: value for name, value in said.items() if name != "photo"}
    if step == LAST:
        changes["onboarding_completed"] = True
    saved = profiles.update_profile(by=request.user, changes=changes)
    if said.get("photo"):  # last: a file would stay behind where the rest is refused
        limits.hit("uploads", str(request.user.pk))
        photos.add_photo(by=request.user, file=said["photo"])
    return saved


def _after(request: PageRequest, step: str, saved: Profile, *, was_new: bool) -> HttpResponse:
    """On to the next step; at the end, and for who has been here before, to one's own page."""
    if was_new and step != LAST:
        names = list(STEPS)
        return redirect("flatmates:welcome", step=names[names.index(step) + 1])
    if saved.is_visible:
        messages.success(request, _("Saved. Others can find you."))
    elif saved.is_waiting:
        messages.info(request, _("Saved. Somebody of our team reads it before others do."))
    else:
        messages.info(request, _("Saved. Below you see what is left to do."))
    return redirect("accounts:me")


def _step_page(
    request: PageRequest, step: str, form: StepForm, *, is_new: bool, status: int = 200
) -> HttpResponse:
    names = list(STEPS)
    place = names.index(step)
    context = {
        "form": form,
        "step": step,
        "title": STEPS[step][0],
        "steps": [_row(name, current=step) for name in names],
        "number": place + 1,
        "of": len(names),
        "back": _url(names[place - 1]) if place else "",
        "skip": _url(names[place + 1]) if step != LAST else "",
        "is_new": is_new,
        "cities": city_names() if step == "place" else [],
        "localities": locality_names() if step == "place" else [],
    }
    return render(request, "flatmates/welcome.html", context, status=status)


def _row(name: str, *, current: str) -> dict[str, Any]:
    names = list(STEPS)
    return {
        "label": STEPS[name][1],
        "url": _url(name),
        "is_done": names.index(name) < names.index(current),
        "is_current": name == current,
    }


def _url(step: str) -> str:
    return reverse("flatmates:welcome", args=[step])


# --- Pause and return -----------------------------------------------------------------------------
@login_required
@require_POST
def show(request: PageRequest, verb: str) -> HttpResponse:
    """Hide oneself, or come back."""
    if verb not in VERBS:
        raise Http404
    try:
        VERBS[verb](profile=profiles.profile_of(request.user), by=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("accounts:me")


# --- Photos ---------------------------------------------------------------------------------------
@login_required
@require_http_methods(PAGE)
def own_photos(request: PageRequest) -> HttpResponse:
    """All photos; a POST adds one, moves one (`move`) or removes one (`remove`)."""
    if request.method != "POST":
        return _photos_page(request)
    try:
        _change_photos(request)
    except DomainError as error:
        return with_error_headers(_photos_page(request, error=error), error)
    return redirect("flatmates:photos")


def _change_photos(request: PageRequest) -> None:
    if "remove" in request.POST:
        photos.remove_photo(by=request.user, upload_id=read_uuid(request.POST["remove"]))
    elif "move" in request.POST:
        photos.order_photos(by=request.user, upload_ids=posted_order(request))
    elif files := request.FILES.getlist("file"):
        for file in files:
            limits.hit("uploads", str(request.user.pk))
            photos.add_photo(by=request.user, file=file)
    else:
        raise Invalid.field("file", _("Please choose a photo."))


def _photos_page(request: PageRequest, *, error: DomainError | None = None) -> HttpResponse:
    mine = ProfilePhoto.objects.filter(profile__user=request.user).select_related("upload")
    shown = [{"photo": photo, "failure": _failure(photo)} for photo in mine]
    context = {"photos": shown, "error": error, "most": photos.MOST}
    return render(request, "flatmates/photos.html", context, status=error.status if error else 200)


def _failure(photo: Any) -> str:
    return rejection_message(photo.upload.failure) if photo.upload.failure else ""
