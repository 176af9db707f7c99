"""The demo: three cities, sixty homes, forty invented people who look for each other, viewings.

Everything goes through the verbs that people use, so the demo is checked and audited like real life.
Only the pictures take a short cut: they are drawn here, so no separate process has to clean them.
"""

from concurrent.futures import ProcessPoolExecutor
import datetime as dt
import itertools
import multiprocessing
import random
import secrets
from typing import Any
import zoneinfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ghar.accounts.models import Role, User
from ghar.lib import clock
from ghar.lib.rls import WORKER, acting_as
from ghar.management.demo import (
    AMENITIES,
    CITIES,
    DETAILS,
    ENDINGS,
    HOMES,
    OPENINGS,
    PEOPLE,
    PICTURE_SEEDS,
    Home,
)
from ghar.management.demo_agents import make_agents
from ghar.management.flatmates import make_meetings, make_profiles
from ghar.management.pictures.scenes import Job, draw_files
from ghar.management.visits import make_visits
from ghar.properties.models import Property, PropertyMedia
from ghar.properties.rules import BOOST
from ghar.properties.services.listings import create_listing, submit_listing
from ghar.properties.services.media import picture_path
from ghar.properties.services.review import approve_listing
from ghar.properties.states import MediaStatus
from moderation.services.checks import run_due_checks
from viewings.policies.booking import ProposedTime
from viewings.services.requests import create_request
from viewings.services.scheduling import confirm_viewing, reschedule_viewing

PASSWORD = "ghar-demo"  # noqa: S105 -- printed by `make run`, refused when DEBUG is off
DOMAIN = "ghar.test"
OF_POSTER, OF_POSTER2 = 8, 3
HOUSES = {"house", "villa", "builder_floor", "penthouse", "apartment"}


class Command(BaseCommand):
    help = "Fill an empty development database with the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo has known passwords; it is refused when DEBUG is off.")
        if User.objects.filter(email=f"admin@{DOMAIN}").exists():
            self.stdout.write("The demo is there already.")
            return
        # All or nothing: an interrupted run leaves an empty database, and the next one fills it.
        with transaction.atomic():
            self._fill()

    def _fill(self) -> None:
        cast, people = make_accounts()
        self.stdout.write(f"{len(cast) + len(people)} accounts")
        agents = make_agents(account=cast["agent"], by=cast["admin"])
        self.stdout.write(f"{len(agents)} agents")
        listings, jobs = make_listings(cast, people)
        jobs += make_profiles(cast, people)
        self.stdout.write(f"Drawing {len(jobs)} pictures")
        # Forking would share the database connection with the children.
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            list(pool.map(draw_files, jobs, chunksize=4))
        publish(listings, by=cast["admin"])
        self.stdout.write(f"{len(listings)} listings, checked and published")
        count = make_viewings(listings, seeker=cast["seeker"], poster=cast["poster"])
        self.stdout.write(f"{count} viewings")
        self.stdout.write(make_meetings(cast))
        self.stdout.write(make_visits(cast, people))


def make_listings(cast: dict[str, User], people: list[User]) -> tuple[list[Property], list[Job]]:
    """Drafts of all homes, and the pictures that are to be drawn for them."""
    owners = [cast["poster"]] * OF_POSTER + [cast["poster2"]] * OF_POSTER2 + people
    # Homes of one owner should not all stand in one city.
    homes = [HOMES[(index * 7) % len(HOMES)] for index in range(len(HOMES))]
    pictures = {scene: iter(seeds) for scene, seeds in PICTURE_SEEDS.items()}
    made, jobs = [], []
    for index, (home, owner) in enumerate(zip(homes, itertools.cycle(owners), strict=False)):
        listing = make_listing(home, owner, index)
        made.append(listing)
        jobs += picture_jobs(listing, home, pictures)
    return made, jobs


def make_accounts() -> tuple[dict[str, User], list[User]]:
    """The development accounts by their local part, and the invented people."""
    cast = {
        "admin": make_user("admin", "Ghar Admin", role=Role.ADMIN, is_superuser=True),
        "agent": make_user("agent", "Ghar Agent", role=Role.AGENT),
        "poster": make_user("poster", "Demo Poster", response_seconds=2400),
        "poster2": make_user("poster2", "Second Poster", response_seconds=9000),
        "seeker": make_user("seeker", "Demo Seeker"),
    }
    people = [
        make_user(f"person{number:02}", name, is_fictional=True)
        for number, name in enumerate(PEOPLE, 1)
    ]
    return cast, people


def make_user(local: str, name: str, **extra: Any) -> User:
    user = User.objects.create_user(
        email=f"{local}@{DOMAIN}",
        password=PASSWORD,
        full_name=name,
        email_verified=True,
        timezone="Africa/Kigali",
        **extra,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    joined = clock.now() - dt.timedelta(days=30 + random.Random(local).randrange(400))
    User.objects.filter(pk=user.pk).update(created_at=joined)
    return user


def make_listing(home: Home, owner: User, index: int) -> Property:
    chance = random.Random(index)
    city = CITIES[home.city]
    latitude, longitude = city.localities[home.locality]
    shared = home.property_type in {"pg", "flatmate"}
    street = city.streets[index % len(city.streets)]
    extra = {
        "sharing_type": "private_room",
        "gender_preference": "any",
        "occupants": chance.randint(1, 3),
        "flatmates_wanted": 1,
        "available_from": (clock.now() + dt.timedelta(days=chance.randint(5, 60))).date(),
    }
    return create_listing(
        by=owner,
        property_type=home.property_type,
        purpose="rent",
        title=home.title,
        description=describe(index),
        price_amount=home.rent * 100 if city.currency == "INR" else home.rent,
        currency=city.currency,
        rent_period="month",
        deposit_amount=home.rent * 200 if city.currency == "INR" else home.rent * 2,
        city=home.city,
        locality=home.locality,
        address=f"{chance.randint(2, 190)} {street}",
        unit=f"{chance.choice('ABCD')}-{chance.randint(101, 940)}",
        # Homes of one locality stand some hundred metres apart.
        latitude=latitude + chance.uniform(-0.008, 0.008),
        longitude=longitude + chance.uniform(-0.008, 0.008),
        bedrooms=home.bedrooms,
        bathrooms=max(1, home.bedrooms - 1),
        area_sqft=home.bedrooms * chance.randint(310, 470) + 120,
        furnishing=chance.choice(["furnished", "semi_furnished", "unfurnished"]),
        amenities=chance.sample(AMENITIES, 6),
        contact_phone=f"{city.dial}{int(str(owner.pk.int)[-7:]):07}"[:13],
        viewing_confirmation=chance.choice(["manual", "manual", "auto"]),
        **(extra if shared else {}),
    )


def describe(index: int) -> str:
    """A text of its own for each home: no two share opening, details and ending."""
    chance = random.Random(f"text {index}")
    first, second, third = chance.sample(DETAILS, 3)
    opening, ending = OPENINGS[index % len(OPENINGS)], ENDINGS[index % len(ENDINGS)]
    return f"{opening} {first} {second}\n\n{third} {ending}"


def scenes_of(home: Home, index: int) -> list[str]:
    """The best view first; what comes second changes, so that no kind of picture runs out early."""
    if home.property_type in HOUSES:
        best = ["exterior", ("room", "bedroom")[index % 2]]
    else:
        best = ["room", ("bedroom", "kitchen")[index % 2]]
    others = ("kitchen", "bathroom", "exterior", "bedroom", "room")
    return best + [scene for scene in others if scene not in best]


def picture_jobs(listing: Property, home: Home, pictures: dict[str, Any]) -> list[Job]:
    """Rows of ready photos, and what is to be drawn for them; scenes run out one by one."""
    index = HOMES.index(home)
    wanted = 4 if index % 4 == 0 else 3
    jobs: list[Job] = []
    for scene in scenes_of(home, index):
        seed = next(pictures[scene], None)
        if seed is None:
            continue
        name = secrets.token_hex(16)
        media = PropertyMedia.objects.create(
            listing=listing,
            category=scene,
            status=MediaStatus.READY,
            folder=f"{name[:2]}/{name}",
            position=len(jobs),
            width=1200,
            height=900,
        )
        jobs.append((scene, seed, picture_path(media, "large").parent))
        if len(jobs) == wanted:
            break
    listing.cover = listing.media.ready().first()
    listing.save(update_fields=["cover"])
    return jobs


def publish(listings: list[Property], *, by: User) -> None:
    """Submit, check and approve each, then spread the dates over the last weeks."""
    now = clock.now()
    for listing in listings:
        submit_listing(listing=listing, by=listing.owner)
    while run_due_checks(may_hold=False, now=clock.now()):
        pass
    for index, listing in enumerate(listings):
        approve_listing(listing=listing, by=by, now=clock.now())
        published = now - dt.timedelta(hours=7 * index + 2)
        Property.objects.filter(pk=listing.pk).update(
            published_at=published,
            submitted_at=published - dt.timedelta(hours=1),
            rank_at=published + BOOST,
        )


def make_viewings(listings: list[Property], *, seeker: User, poster: User) -> int:
    """A request that waits, one that is agreed and one that is being moved, all with the poster."""
    mine = Property.objects.live().owned_by(poster).order_by("pk")
    with acting_as(WORKER):
        for number, listing in enumerate(mine[:3]):
            viewing = create_request(
                listing=listing,
                by=seeker,
                notes="I work from home and would like to see it by daylight.",
                times=[slot(listing, day=2 + number * 2 + n, hour=10 + 2 * n) for n in range(3)],
            )
            if number:
                option = viewing.options.earliest("start_at")
                confirm_viewing(viewing=viewing, option=option, by=poster)
            if number == 2:
                times = [slot(listing, day=9 + n, hour=15) for n in range(2)]
                reschedule_viewing(viewing=viewing, times=times, by=seeker)
    return 3


def slot(listing: Property, *, day: int, hour: int) -> ProposedTime:
    """Half an hour at a full hour of the property's zone, `day` days from now."""
    zone = zoneinfo.ZoneInfo(listing.timezone)
    local = clock.now().astimezone(zone) + dt.timedelta(days=day)
    start = local.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(dt.UTC)
    return ProposedTime(start, start + dt.timedelta(minutes=30), listing.timezone)
