import json
from typing import Any

from allauth.account import views as allauth
from allauth.account.internal.flows.logout import logout
from django.conf import settings
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ghar.accounts.authentication import (
    check_recent_sign_in,
    forget_session,
    keep_signed_in,
    remember_language,
)
from ghar.accounts.forms import (
    ChangePasswordForm,
    ContactForm,
    DeleteForm,
    ForgottenPasswordForm,
    IdentifierCodeForm,
    NewPasswordForm,
    ProfileForm,
    RestoreForm,
    add_refusal,
)
from ghar.accounts.services import contacts, passwords, profiles
from ghar.api import limits
from ghar.api.errors import with_error_headers
from ghar.errors import DomainError, RateLimited
from ghar.lib import clock
from ghar.lib.guards import PageRequest, login_required
from ghar.realtime.services import end_streams

PAGE = ["GET", "HEAD", "POST"]


def answer(
    request: PageRequest, template: str, form: BaseForm, error: DomainError | None = None
) -> HttpResponse:
    """The page with its form: as it was asked for, or with what is wrong in it."""
    if error is not None:
        add_refusal(form, error)
        response = render(request, template, {"form": form}, status=error.status)
        return with_error_headers(response, error)
    wrong = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form}, status=wrong)


# --- Signing up, in and out -----------------------------------------------------------------------
class LoginView(allauth.LoginView):
    template_name = "accounts/login.html"

    def post(self, request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.hit("tokens", limits.address_of(request))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        is_limited = form.has_error("__all__", "too_many_login_attempts")
        response = super().form_invalid(form)
        response.status_code = 429 if is_limited else 422
        for wrong in form.non_field_errors().as_data():
            if isinstance(wrong.__cause__, RateLimited):  # see AccountAdapter.authenticate
                with_error_headers(response, wrong.__cause__)
        return response


class SignupView(allauth.SignupView):
    template_name = "accounts/signup.html"

    def post(self, request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.hit("register", limits.address_of(request))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 409 if form.has_error("__all__", "IDENTIFIER_TAKEN") else 422
        return response


@require_http_methods(PAGE)
def sign_out(request: PageRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/logout.html")
    caller = request.caller
    logout(request, show_message=False)
    if caller is not None:
        end_streams(caller.event_channel)
    response = redirect("home")
    forget_session(response)
    # With the service worker goes its push subscription: who sits here next is told nothing.
    response["Clear-Site-Data"] = '"storage"'
    return response


@sensitive_post_parameters()
@require_http_methods(PAGE)
def restore(request: PageRequest) -> HttpResponse:
    form = RestoreForm(request.POST or None)
    error = None
    if form.is_valid():
        limits.hit("tokens", limits.address_of(request))
        try:
            profiles.restore_account(**form.cleaned_data, now=clock.now())
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Welcome back. Please sign in."))
            return redirect("accounts:login")
    return answer(request, "accounts/restore.html", form, error)


# --- Passwords ------------------------------------------------------------------------------------
@require_http_methods(PAGE)
def forgotten_password(request: PageRequest) -> HttpResponse:
    form = ForgottenPasswordForm(request.POST or None)
    error = None
    if form.is_valid():
        limits.hit("tokens", limits.address_of(request))
        try:
            passwords.request_reset(**form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            return render(request, "accounts/forgotten_password_sent.html")
    return answer(request, "accounts/forgotten_password.html", form, error)


@sensitive_post_parameters()
@require_http_methods(PAGE)
def new_password(request: PageRequest) -> HttpResponse:
    """The end of the link in the mail."""
    token = request.GET.get("token", "")
    form = NewPasswordForm(request.POST or None, initial={"token": token})
    error = None
    if form.is_valid():
        limits.hit("tokens", limits.address_of(request))
        try:
            passwords.reset_password(**form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Your new password is set. Please sign in."))
            return redirect("accounts:login")
    elif not form.is_bound and passwords.find_reset(token) is None:
        return render(request, "accounts/new_password_expired.html", status=410)
    return answer(request, "accounts/new_password.html", form, error)


@sensitive_post_parameters()
@login_required
@require_http_methods(PAGE)
def change_password(request: PageRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    error = None
    if form.is_valid():
        try:
            passwords.change_password(user=request.user, **form.cleaned_data)
        except DomainError as refusal:
            error = refusal
        else:
            keep_signed_in(request, request.user)
            messages.success(request, _("Your password is changed. Other devices are signed out."))
            return redirect("accounts:settings")
    return answer(request, "accounts/change_password.html", form, error)


# --- Settings -------------------------------------------------------------------------------------
@login_required
@require_GET
def me(request: PageRequest) -> HttpResponse:
    return render(request, "accounts/me.html")


@login_required
@require_http_methods(PAGE)
def settings_page(request: PageRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if not form.is_valid():
        return answer(request, "accounts/settings.html", form)
    user = profiles.edit_profile(user=request.user, changes=form.cleaned_data)
    messages.success(request, _("Saved."))
    response = redirect("accounts:settings")
    remember_language(response, user.language)
    return response


@require_POST
def set_language(request: PageRequest) -> HttpResponse:
    """Of the pages in this browser, and of what we write to who is signed in."""
    response: HttpResponse = i18n.set_language(request)
    language = request.POST.get("language")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        profiles.edit_profile(user=request.user, changes={"language": language})
    return response


@login_required
@require_http_methods(PAGE)
def send_code(request: PageRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial=request.GET.dict())
    error = None
    if form.is_valid():
        identifier = form.cleaned_data["identifier"]
        try:
            contacts.send_code(identifier=identifier, by=request.user, now=clock.now())
        except DomainError as refusal:
            error = refusal
        else:
            code_form = IdentifierCodeForm(initial={"identifier": identifier})
            return answer(request, "accounts/confirm_code.html", code_form)
    return answer(request, "accounts/contact.html", form, error)


@login_required
@require_POST
def confirm_code(request: PageRequest) -> HttpResponse:
    form = IdentifierCodeForm(request.POST)
    error = None
    if form.is_valid():
        try:
            contacts.confirm_code(**form.cleaned_data, by=request.user, now=clock.now())
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("Thank you, this is yours."))
            return redirect("accounts:settings")
    return answer(request, "accounts/confirm_code.html", form, error)


@login_required
@require_GET
def export(request: PageRequest) -> HttpResponse:
    check_recent_sign_in(request)
    text = json.dumps(profiles.export_account(request.user), cls=DjangoJSONEncoder, indent=2)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="ghar.json"'
    return response


@sensitive_post_parameters()
@login_required
@require_http_methods(PAGE)
def delete(request: PageRequest) -> HttpResponse:
    form = DeleteForm(request.POST or None)
    error = None
    if form.is_valid():
        try:
            profiles.delete_account(user=request.user, **form.cleaned_data, now=clock.now())
        except DomainError as refusal:
            error = refusal
        else:
            logout(request, show_message=False)
            return render(request, "accounts/deleted.html")
    return answer(request, "accounts/delete.html", form, error)
