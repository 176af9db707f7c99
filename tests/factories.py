"""Rows as tests need them. Each app's factories stand below its heading."""

import datetime as dt
from functools import cache
from io import BytesIO

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
import factory
from PIL import Image

from flatmates.models import Profile, ProfilePhoto
from ghar.accounts.models import ApiToken, Role, SeekerSession, User
from ghar.lib import clock
from ghar.lib.hashes import hash_secret
from ghar.lib.ids import uuid7
from ghar.notifications.models import Notification, NotificationType
from ghar.properties.models import Property, PropertyMedia, SavedSearch, Upload
from ghar.properties.rules import public_cell
from ghar.properties.services.media import picture_path
from ghar.properties.services.review import digest_of
from ghar.properties.services.saved import save_search

PASSWORD = "correct horse battery"


@cache
def hashed(_hasher: str) -> str:
    """Once for each hasher: that of the product is slow on purpose."""
    return make_password(PASSWORD)


# --- accounts -------------------------------------------------------------------------------------
class UserFactory(factory.django.DjangoModelFactory):
    """An account with a verified e-mail address."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    full_name = factory.Sequence(lambda n: f"Asha Number{n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    email_verified = True
    password = factory.LazyFunction(lambda: hashed(settings.PASSWORD_HASHERS[0]))

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


# --- properties -----------------------------------------------------------------------------------
def picture(
    name: str = "photo.jpg", *, shade: int = 0, size: tuple[int, int] = (640, 480)
) -> ContentFile:
    """A JPEG as somebody would send it; another `shade` is another picture."""
    return ContentFile(_jpeg(shade, size), name=name)


@cache
def _jpeg(shade: int, size: tuple[int, int]) -> bytes:
    image = Image.linear_gradient("L").resize(size).rotate(shade * 17).convert("RGB")
    image.paste((shade * 40 % 256, 90, 160), (shade * 13 % 200, 40, shade * 13 % 200 + 150, 260))
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def cell_of(row) -> tuple:
    place = ("city", "locality", "latitude", "longitude")
    return public_cell(**{name: getattr(row, name, None) for name in place})


class PropertyFactory(factory.django.DjangoModelFactory):
    """A complete listing in Kigali; a draft unless a status is given."""

    class Meta:
        model = Property

    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Sunny room number {n}")
    description = "A quiet room with its own door and a view over the hills."
    property_type = "room"
    purpose = "rent"
    price_amount = 250_000
    currency = "RWF"
    city = "Kigali"
    locality = "Kimihurura"
    address = "KG 28 Avenue 14"
    unit = "B2"
    latitude = -1.9536
    longitude = 30.0927
    cell_geohash = factory.LazyAttribute(lambda row: cell_of(row)[0])
    cell_latitude = factory.LazyAttribute(lambda row: cell_of(row)[1])
    cell_longitude = factory.LazyAttribute(lambda row: cell_of(row)[2])
    bedrooms = 1
    bathrooms = 1
    contact_phone = "+250788123456"
    timezone = "Africa/Kigali"
    rank_at = factory.LazyAttribute(lambda row: getattr(row, "published_at", None))


class LiveListingFactory(PropertyFactory):
    """A listing that a moderator has approved as it is."""

    class Meta:
        skip_postgeneration_save = True

    status = "live"
    submitted_at = factory.LazyFunction(clock.now)
    published_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=60))

    @factory.post_generation
    def approval(self, create, extracted, **kwargs):
        if create:
            PhotoFactory(listing=self)
            self.approved_digest = digest_of(self)
            self.save(update_fields=["approved_digest"])


class SavedSearchFactory(factory.django.DjangoModelFactory):
    """A search for everything in Kigali, told every morning unless said otherwise."""

    class Meta:
        model = SavedSearch

    user = factory.SubFactory(UserFactory)
    filters = factory.LazyFunction(lambda: {"city": "Kigali"})

    @classmethod
    def _create(cls, model_class, *args, user, **facts):
        return save_search(by=user, **facts)


class PhotoFactory(factory.django.DjangoModelFactory):
    """A photo that is ready, with its three files."""

    class Meta:
        model = PropertyMedia
        skip_postgeneration_save = True

    listing = factory.SubFactory(PropertyFactory)
    status = "ready"
    folder = factory.LazyFunction(lambda: f"aa/{uuid7().hex}")
    width = 640
    height = 480

    @factory.post_generation
    def files(self, create, extracted, **kwargs):
        if not create:
            return
        picture_path(self, "large").parent.mkdir(parents=True)
        for size in ("large", "medium", "small"):
            picture_path(self, size).write_bytes(picture().read())
        if self.listing.cover_id is None:
            self.listing.cover = self
            self.listing.save(update_fields=["cover"])


# --- flatmates ------------------------------------------------------------------------------------
class ProfileFactory(factory.django.DjangoModelFactory):
    """Somebody who is shown to others: a complete profile in Kigali, every question answered."""

    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)
    status = "active"
    onboarding_completed = True
    mode = "co_hunter"
    bio = "I cook on Sundays and keep quiet after ten."
    age = 27
    gender = "female"
    profession = "Engineer"
    city = "Kigali"
    locality = "Kimihurura"
    cell_geohash = factory.LazyAttribute(lambda row: cell_of(row)[0])
    cell_latitude = factory.LazyAttribute(lambda row: cell_of(row)[1])
    cell_longitude = factory.LazyAttribute(lambda row: cell_of(row)[2])
    budget_min = 100_000
    budget_max = 300_000
    currency = "RWF"
    move_in_timeline = "within_month"
    sleep_schedule = "early_bird"
    cleanliness = "tidy"
    food_habits = "vegetarian"
    smoking = "never"
    drinking = "occasionally"
    guests_policy = "occasional_ok"
    work_style = "hybrid"
    pets = "none"
    gender_preference = "any"


class UploadFactory(factory.django.DjangoModelFactory):
    """A picture of a person that is ready, with its three files."""

    class Meta:
        model = Upload
        skip_postgeneration_save = True

    owner = factory.SubFactory(UserFactory)
    purpose = "profile"
    status = "ready"
    folder = factory.LazyFunction(lambda: f"bb/{uuid7().hex}")
    width = 640
    height = 480

    @factory.post_generation
    def files(self, create, extracted, **kwargs):
        if create:
            picture_path(self, "large").parent.mkdir(parents=True)
            for size in ("large", "medium", "small"):
                picture_path(self, size).write_bytes(picture().read())


class ProfilePhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProfilePhoto

    profile = factory.SubFactory(ProfileFactory)
    upload = factory.SubFactory(UploadFactory, owner=factory.SelfAttribute("..profile.user"))
