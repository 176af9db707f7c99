from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ghar.accounts.authentication import check_recent_sign_in
from ghar.accounts.models import ApiToken, Role, SeekerSession, User
from ghar.accounts.services import profiles, signing
from ghar.admin import ReadOnlyAdmin
from ghar.errors import NotAllowed
from ghar.lib import clock
from ghar.lib.guards import PageRequest

# With its limits and its second factor; the admin's own form has neither.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# What the packages register may be written by hand, past our services; a group grants nothing here.
admin.site.unregister((Group, EmailAddress, Authenticator, UserSession))


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People. The role changes by an action, through the same verb as anywhere else.

    By an address one finds who has it; to read one is a step on the person's page that leaves a
    row in the audit.
    """

    list_display = ("full_name", "role", "is_active", "created_at")
    list_filter = ("role", "is_active", "email_verified", "is_fictional")
    search_fields = ("full_name", "=email", "=phone", "=id")
    ordering = ("-id",)
    fields = (
        *("id", "full_name", "role", "email_verified", "phone_verified"),
        *("is_active", "suspended_at", "deletion_requested_at", "is_fictional"),
        *("timezone", "language", "response_seconds", "last_login", "created_at"),
    )
    actions = ("make_member", "make_agent", "make_admin", "take_lost_factor")

    @admin.action(description=_("Make an ordinary member"))
    def make_member(self, request: PageRequest, queryset: QuerySet[User]) -> None:
        self._change_role(request, queryset, Role.USER)

    @admin.action(description=_("Make an agent"))
    def make_agent(self, request: PageRequest, queryset: QuerySet[User]) -> None:
        self._change_role(request, queryset, Role.AGENT)

    @admin.action(description=_("Make an admin"))
    def make_admin(self, request: PageRequest, queryset: QuerySet[User]) -> None:
        self._change_role(request, queryset, Role.ADMIN)

    @admin.action(description=_("Take away a lost second factor"))
    def take_lost_factor(self, request: PageRequest, queryset: QuerySet[User]) -> None:
        check_recent_sign_in(request)
        for user in queryset:
            signing.remove_second_factor(user=user, by=request.user, now=clock.now())

    def _change_role(self, request: PageRequest, queryset: QuerySet[User], role: Role) -> None:
        check_recent_sign_in(request)
        for user in queryset:
            try:
                profiles.change_role(user=user, role=role, by=request.user, now=clock.now())
            except NotAllowed as refusal:
                self.message_user(request, f"{user}: {refusal.message}", messages.ERROR)


@admin.register(SeekerSession)
class SeekerSessionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "claimed_by", "expires_at")
    list_select_related = ("claimed_by",)
    fields = (
        *("id", "contact_verified_at", "timezone", "language"),
        *("claimed_by", "claimed_at", "expires_at", "created_at"),
    )
    ordering = ("-id",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "user", "made_with_otp", "created_at", "expires_at")
    list_select_related = ("user",)
    fields = ("id", "user", "made_with_otp", "created_at", "expires_at")
    ordering = ("-id",)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Where somebody is signed in; they end it themselves, and a suspension ends all."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__full_name", "ip")
    fields = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    ordering = ("-id",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """The second factor of somebody, never its secret; see UserAdmin for one that is lost."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__full_name", "=user__email")
    fields = ("user", "type", "created_at", "last_used_at")
    ordering = ("-id",)
