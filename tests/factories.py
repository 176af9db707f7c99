"""Rows as tests need them. Each app's factories stand below its heading."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
import factory

from ghar.accounts.models import ApiToken, Role, SeekerSession, User, hash_secret
from ghar.lib import clock
from ghar.lib.ids import uuid7
from ghar.notifications.models import Notification, NotificationType

PASSWORD = "correct horse battery"


# --- accounts -------------------------------------------------------------------------------------
class UserFactory(factory.django.DjangoModelFactory):
    """An account with a verified e-mail address."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    full_name = factory.Sequence(lambda n: f"Asha Number{n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    email_verified = True
    password = factory.LazyFunction(lambda: make_password(PASSWORD))

    @factory.post_generation
    def email_address(self, create, extracted, **kwargs):
        if create and self.email:
            EmailAddress.objects.create(
                user=self, email=self.email, primary=True, verified=self.email_verified
            )


class AdminFactory(UserFactory):
    role = Role.ADMIN
    is_superuser = True


class SeekerSessionFactory(factory.django.DjangoModelFactory):
    """A seeker without an account. Its secret is `f"secret of {session.pk}"`, see `secret_of`."""

    class Meta:
        model = SeekerSession

    id = factory.LazyFunction(uuid7)
    secret_hash = factory.LazyAttribute(lambda row: hash_secret(f"secret of {row.id}"))
    expires_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=180))


def secret_of(session: SeekerSession) -> str:
    return f"secret of {session.pk}"


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    id = factory.LazyFunction(uuid7)
    user = factory.SubFactory(UserFactory)
    token_hash = factory.LazyAttribute(lambda row: hash_secret(f"token {row.id}"))
    created_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=90))


def bearer(token: ApiToken) -> str:
    return f"Bearer token {token.pk}"


# --- notifications --------------------------------------------------------------------------------
class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    type = NotificationType.VIEWING_CONFIRMED
    title = "Your viewing is confirmed"
    route = "/viewings/"
    visible_at = factory.LazyFunction(clock.now)
