from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.accounts.services import signing
from ghar.accounts.services.signing import PASSWORD_MAX
from ghar.errors import DomainError
from ghar.lib.validators import timezones

IDENTIFIER = _("E-mail or phone")
PHONE_HINT = _("A phone number begins with +, as in +250 788 123 456.")


class Password(forms.CharField):
    def __init__(self, *, is_new: bool = False, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password" if is_new else "current-password"}
        kwargs.setdefault("label", _("Password"))
        kwargs.update(max_length=PASSWORD_MAX, strip=False, widget=forms.PasswordInput(attrs))
        super().__init__(**kwargs)


class Identifier(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", IDENTIFIER)
        kwargs.setdefault("help_text", PHONE_HINT)
        super().__init__(
            max_length=254, widget=forms.TextInput({"autocomplete": "username"}), **kwargs
        )


class BrowserZone(forms.CharField):
    """The time zone of the browser, which the page's script fills in."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput({"data-timezone": ""}))

    def clean(self, value: Any) -> str:
        """Nobody has typed it: what is no zone of ours is not known."""
        name: str = super().clean(value)
        return name if name in timezones() else ""


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Show what a verb refused beside its fields, or above them all."""
    fields = {
        name: msgs for name, msgs in error.details.get("fields", {}).items() if name in form.fields
    }
    for name, messages in fields.items():
        for message in messages:
            form.add_error(name, message)
    if not fields:
        form.add_error(None, forms.ValidationError(str(error.message), code=error.code))


class LoginForm(AllauthLoginForm):
    """allauth's form with our words; signing.whose_password judges the password (see adapter)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = Identifier()
        self.fields["password"] = Password()
        self.fields["remember"].label = _("Keep me signed in on this device")
        self.order_fields(["login", "password", "remember"])


class SignupForm(forms.Form):
    """Stands in for allauth's: its view asks for try_save, and for by_passkey."""

    identifier = Identifier()
    full_name = forms.CharField(
        label=_("Your name"),
        max_length=User._meta.get_field("full_name").max_length,
        help_text=_("Others see your first name and an initial."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    password = Password(is_new=True, help_text=_("At least eight characters."))
    is_adult = forms.BooleanField(label=_("I am 18 or older"))
    timezone = BrowserZone()

    by_passkey = False

    def clean(self) -> dict[str, Any]:
        """Registers: whether an identifier is free is known only by taking it."""
        data = super().clean() or {}
        if not self.errors:
            try:
                self.user = signing.register(
                    identifier=data["identifier"],
                    password=data["password"],
                    full_name=data["full_name"],
                    language=get_language(),
                    timezone=data["timezone"],
                )
            except DomainError as error:
                add_refusal(self, error)
        return data

    def try_save(self, request: HttpRequest) -> tuple[User, HttpResponse | None]:
        return self.user, None


class ForgottenPasswordForm(forms.Form):
    identifier = Identifier()


class NewPasswordForm(forms.Form):
    token = forms.CharField(max_length=200, widget=forms.HiddenInput)
    new_password = Password(is_new=True, label=_("New password"))


class ChangePasswordForm(forms.Form):
    current_password = Password(label=_("Current password"))
    new_password = Password(is_new=True, label=_("New password"))


class RestoreForm(forms.Form):
    identifier = Identifier()
    password = Password()


class DeleteForm(forms.Form):
    password = Password(help_text=_("So that nobody else can do this."))


class ProfileForm(forms.ModelForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(z, z) for z in sorted(timezones())],
    )

    class Meta:
        model = User
        fields = ("full_name", "language", "timezone")


class ContactForm(forms.Form):
    identifier = Identifier()


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=10,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class IdentifierCodeForm(CodeForm):
    identifier = forms.CharField(max_length=254, widget=forms.HiddenInput)
