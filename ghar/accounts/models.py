import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from ghar.lib.hashes import hash_secret
from ghar.lib.ids import uuid7
from ghar.lib.validators import validate_timezone
from ghar.notifications.models import Addressed, RecipientQuerySet, exactly_one_recipient

MAX_CODE_ATTEMPTS = 5
# Channels whose address is a phone number; a push goes to a device.
BY_PHONE = frozenset({"sms", "whatsapp", "telegram"})


class Role(models.TextChoices):
    USER = "user", _("member")
    AGENT = "agent", _("agent")
    ADMIN = "admin", _("admin")


class UserQuerySet(models.QuerySet["User"]):
    def with_identifier(self, identifier: str) -> "UserQuerySet":
        """The account of an e-mail address or E.164 phone; through the index on Lower("email")."""
        if "@" in identifier:
            return self.alias(email_lower=Lower("email")).filter(email_lower=identifier.lower())
        return self.filter(phone=identifier)

    def admins(self) -> "UserQuerySet":
        """As User.is_admin says it of one."""
        return self.filter(role=Role.ADMIN, is_active=True)

    def left_after(self, moment: dt.datetime) -> "UserQuerySet":
        return self.filter(deletion_requested_at__gt=moment)

    def deletion_due(self, moment: dt.datetime) -> "UserQuerySet":
        return self.filter(deletion_requested_at__lte=moment)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(
        self,
        email: str | None = None,
        phone: str | None = None,
        password: str | None = None,
        **extra: Any,
    ) -> "User":
        user = self.model(email=email and email.lower(), phone=phone, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(
            email=email, password=password, role=Role.ADMIN, is_superuser=True, **extra
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.with_identifier(username or "").get()


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account. The same account may post and seek."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    full_name = models.CharField(_("full name"), max_length=120)
    email = models.EmailField(_("e-mail"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=16, null=True, blank=True)  # E.164
    email_verified = models.BooleanField(_("e-mail verified"), default=False)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.USER)
    is_active = models.BooleanField(_("active"), default=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    deletion_requested_at = models.DateTimeField(_("asked to be deleted"), null=True, blank=True)
    # Fictional people of the demo: nothing is ever delivered to them.
    is_fictional = models.BooleanField(default=False, editable=False)
    timezone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Kolkata", validators=[validate_timezone]
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    # The first photo of the person's profile, an Upload; flatmates writes it and serves it.
    avatar_id = models.UUIDField(null=True, blank=True, editable=False)
    response_seconds = models.PositiveIntegerField(_("usual response time"), null=True, blank=True)
    # Of the last twelve months, once there are five; moderation counts them.
    visits_kept = models.PositiveSmallIntegerField(null=True, editable=False)
    visits_planned = models.PositiveSmallIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("joined"), auto_now_add=True)

    # Set for one request by authentication: a member of staff who came without a second factor
    # acts as an ordinary member.
    staff_rights_withheld = False

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.UniqueConstraint(fields=["phone"], name="user_phone_unique"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Forms hand in '' for "none"; two empty strings would collide in the unique columns.
        self.email = self.email or None
        self.phone = self.phone or None
        super().save(*args, **kwargs)

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN and not self.staff_rights_withheld

    @property
    def is_staff(self) -> bool:
        """May enter the Django admin (Django's name for it)."""
        return self.is_admin

    @property
    def public_name(self) -> str:
        """First name and an initial: all that a stranger sees."""
        first, *rest = self.full_name.split() or [""]
        return f"{first} {rest[-1][0]}." if rest else first

    @property
    def avatar_url(self) -> str | None:
        return f"/people/photos/{self.avatar_id}/small.jpg" if self.avatar_id else None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def actor_kind(self) -> str:
        return self.role

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def actor_label(self) -> str:
        """A pseudonym: audit rows cannot change, and outlive the account."""
        return f"{self.role} {str(self.pk)[-6:]}"

    @property
    def event_channel(self) -> str:
        """Where this person's events and messages go; stable for life."""
        return f"user-{self.pk}"

    def address_on(self, channel: str) -> str | None:
        """The verified address of this person on an outgoing channel, or None."""
        if self.is_fictional or not self.is_active:
            return None
        if channel == "email":
            return self.email if self.email_verified else None
        return self.phone if self.phone_verified and channel in BY_PHONE else None


# The zone of somebody who has not said where they are.
NOWHERE: Final = "UTC"


class SeekerSessionQuerySet(models.QuerySet["SeekerSession"]):
    def open_at(self, moment: dt.datetime) -> "SeekerSessionQuerySet":
        return self.filter(claimed_by=None, expires_at__gt=moment)

    def expired_by(self, moment: dt.datetime) -> "SeekerSessionQuerySet":
        return self.filter(expires_at__lte=moment)

    def forget_contacts(self) -> int:
        known = self.exclude(contact_email=None, contact_phone=None)
        return known.update(contact_email=None, contact_phone=None, contact_verified_at=None)

    def with_secret(self, secret: str) -> "SeekerSessionQuerySet":
        return self.filter(secret_hash=hash_secret(secret))


class SeekerSession(models.Model):
    """A seeker without an account. The secret is shown once and stored hashed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    contact_email = models.EmailField(_("e-mail"), null=True, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=16, null=True, blank=True)
    contact_verified_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, default=NOWHERE)
    is_zone_guessed = models.BooleanField(default=True, db_default=True, editable=False)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="seeker_sessions",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    is_admin = False
    is_fictional = False
    actor_kind = "session"

    objects = SeekerSessionQuerySet.as_manager()

    class Meta:
        db_table = "web_sessions"

    def __str__(self) -> str:
        return f"session {str(self.pk)[-6:]}"

    @property
    def public_name(self) -> str:
        return str(_("A visitor"))

    @property
    def contact(self) -> str:
        """The one address or number that they gave, verified or not; empty for none."""
        return self.contact_email or self.contact_phone or ""

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def actor_label(self) -> str:
        return str(self)

    @property
    def event_channel(self) -> str:
        return f"session-{self.pk}"

    @property
    def is_active(self) -> bool:
        return self.claimed_by_id is None

    def address_on(self, channel: str) -> str | None:
        if not self.contact_verified_at or not self.is_active:
            return None
        if channel == "email":
            return self.contact_email
        return self.contact_phone if channel in BY_PHONE else None


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def alive_at(self, moment: dt.datetime) -> "ApiTokenQuerySet":
        return self.filter(expires_at__gt=moment, user__is_active=True)

    def expired_by(self, moment: dt.datetime) -> "ApiTokenQuerySet":
        return self.filter(expires_at__lte=moment)

    def with_secret(self, secret: str) -> "ApiTokenQuerySet":
        return self.filter(token_hash=hash_secret(secret))


class ApiToken(models.Model):
    """An opaque bearer token, stored hashed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # Only a token made with a second factor carries staff rights (while STAFF_MFA_REQUIRED).
    made_with_otp = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_tokens"

    def __str__(self) -> str:
        return f"token {str(self.pk)[-6:]}"


class VerificationCodeQuerySet(RecipientQuerySet):
    def usable_at(self, moment: dt.datetime) -> "VerificationCodeQuerySet":
        return self.filter(used_at=None, expires_at__gt=moment, attempts__lt=MAX_CODE_ATTEMPTS)

    def expired_by(self, moment: dt.datetime) -> "VerificationCodeQuerySet":
        return self.filter(expires_at__lte=moment)


class VerificationCode(Addressed):
    """A six-digit code on its way to an e-mail address or a phone.

    The digits are stored nowhere: they follow from the row's id and SECRET_KEY.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identifier = models.CharField(max_length=254)
    attempts = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VerificationCodeQuerySet.as_manager()

    class Meta:
        db_table = "verification_codes"
        constraints = [exactly_one_recipient("verification_code_owner")]
        indexes = [
            models.Index(fields=["user", "identifier"], name="code_by_user"),
            models.Index(fields=["session", "identifier"], name="code_by_session"),
        ]

    def __str__(self) -> str:
        return f"code {str(self.pk)[-6:]}"

    @property
    def digits(self) -> str:
        digest = salted_hmac("accounts.VerificationCode", self.pk.bytes, algorithm="sha256")
        return f"{int(digest.hexdigest(), 16) % 1_000_000:06d}"


Principal = User | SeekerSession
