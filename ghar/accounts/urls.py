from collections.abc import Callable

from allauth.account import views as allauth
from django.http import HttpResponseBase
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from ghar.accounts import views
from ghar.accounts.api import (
    LimitsViewSet,
    PasswordViewSet,
    RegistrationViewSet,
    SessionViewSet,
    TokenViewSet,
    UserViewSet,
    VerificationViewSet,
)

register = RegistrationViewSet.as_view({"post": "create"})
token = TokenViewSet.as_view({"post": "create", "delete": "destroy"})
password = PasswordViewSet.as_view({"post": "change"})
reset = PasswordViewSet.as_view({"post": "reset"})
confirm_reset = PasswordViewSet.as_view({"post": "confirm_reset"})
verify = VerificationViewSet.as_view({"post": "create"})
confirm_code = VerificationViewSet.as_view({"post": "confirm"})
sessions = SessionViewSet.as_view({"post": "create"})
claim = SessionViewSet.as_view({"post": "claim"})
me = UserViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})
restore = UserViewSet.as_view({"post": "restore"})
export = UserViewSet.as_view({"get": "export"})
limits = LimitsViewSet.as_view({"get": "retrieve"})

api_urlpatterns = [
    re_path(r"^auth/register/?$", register, name="auth-register"),
    re_path(r"^auth/token/?$", token, name="auth-token"),
    re_path(r"^auth/password/?$", password, name="auth-password"),
    re_path(r"^auth/password/reset/?$", reset, name="auth-reset"),
    re_path(r"^auth/password/reset/confirm/?$", confirm_reset, name="auth-reset-confirm"),
    re_path(r"^auth/verify/?$", verify, name="auth-verify"),
    re_path(r"^auth/verify/confirm/?$", confirm_code, name="auth-verify-confirm"),
    re_path(r"^sessions/?$", sessions, name="session-list"),
    re_path(r"^sessions/claim/?$", claim, name="session-claim"),
    re_path(r"^users/me/?$", me, name="user-me"),
    re_path(r"^users/me/restore/?$", restore, name="user-restore"),
    re_path(r"^users/me/export/?$", export, name="user-export"),
    re_path(r"^limits/?$", limits, name="limit-list"),
]

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("signup/", views.SignupView.as_view(), name="signup"),
    path("logout/", views.sign_out, name="logout"),
    path("restore/", views.restore, name="restore"),
    path("password/forgotten/", views.forgotten_password, name="forgotten-password"),
    path("password/new/", views.new_password, name="new-password"),
    path("me/", views.me, name="me"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/contact/", views.send_code, name="send-code"),
    path("settings/contact/confirm/", views.confirm_code, name="confirm-code"),
    path("settings/password/", views.change_password, name="change-password"),
    path("settings/export/", views.export, name="export"),
    path("settings/delete/", views.delete, name="delete"),
]


def moved(name: str) -> Callable[..., HttpResponseBase]:
    return RedirectView.as_view(pattern_name=f"accounts:{name}", query_string=True)


# The pages of allauth that we use; the names are those that it looks up. What has a page of our own
# leads there, and its management of e-mail addresses and phones is left out: ours is /settings/.
allauth_urlpatterns = [
    path("login/", moved("login"), name="account_login"),
    path("signup/", moved("signup"), name="account_signup"),
    path("logout/", views.sign_out, name="account_logout"),
    path("inactive/", moved("restore"), name="account_inactive"),
    path("password/change/", moved("change-password"), name="account_change_password"),
    path("password/reset/", moved("forgotten-password"), name="account_reset_password"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
