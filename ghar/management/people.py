"""What the invented people of the demo say of themselves, the same at every run."""

import datetime as dt
import random
from typing import Any, NamedTuple

from ghar.lib import clock
from ghar.management.demo import CITIES, PEOPLE

WOMEN = frozenset(
    [
        "Aline",
        "Beatrice",
        "Bhavna",
        "Chitra",
        "Claudine",
        "Diane",
        "Divya",
        "Esha",
        "Gauri",
        "Grace",
        "Honorine",
        "Jaya",
        "Josiane",
        "Kavya",
        "Lakshmi",
        "Liliane",
        "Marie",
        "Neha",
        "Pascaline",
        "Pooja",
        "Solange",
        "Sneha",
    ]
)

BEGINNINGS = (
    "I moved here for work and still find a new street every weekend.",
    "Born here, away for six years, and glad to be back.",
    "I teach in the mornings and read in the evenings.",
    "Nurse on rotating shifts, so I know how to be quiet.",
    "I cook too much food and need somebody to eat it with.",
    "Finishing my thesis; after that I promise to have hobbies again.",
    "I run before breakfast and am no good after eleven at night.",
    "Two plants, one guitar, no drama.",
    "I work with numbers all day and with clay at the weekend.",
    "My friends say that I am easy to live with. My brother has doubts.",
)
MIDDLES = (
    "A kitchen that is clean in the morning matters more to me than anything else.",
    "I like a shared dinner on Sundays and closed doors during the week.",
    "Music is fine, as long as it has an end.",
    "I pay on time and say so when something bothers me.",
    "Visitors are welcome if we tell each other first.",
    "I would rather split chores by what we like than by a list.",
    "My room is my island; the rest of the flat is for everybody.",
    "I bring a coffee machine and the will to descale it.",
)
WISHES = (
    "Looking for somebody calm who stays for a year or longer.",
    "A short walk to a bus and some light in the afternoon would do.",
    "Best with one or two others, not six.",
    "I can move with two weeks' notice.",
    "Write to me what an ordinary Tuesday looks like at yours.",
    "If you laugh at small things we shall get on.",
)
PROFESSIONS = (
    "Nurse", "Software engineer", "Teacher", "Accountant", "Student of law", "Product designer",
    "Architect", "Pharmacist", "Photographer", "Data analyst", "Chef", "Civil engineer",
    "Journalist", "Physiotherapist", "Logistics planner",
)  # fmt: skip
VIBES = (
    "quiet", "social", "cook", "reader", "musician", "gamer", "runner", "gardener", "film_lover",
    "early_walks", "student", "working",
)  # fmt: skip
BUDGETS = {"RWF": (90_000, 30_000), "INR": (9_000, 3_000)}

# Of whom a moderator should read first: a number in the words that everybody would see.
WAITING = "Robert Kayitare"
WAITING_BIO = "Clean room, good people. Call me on +250 788 555 010 or write on WhatsApp."

# The account with which one looks around.
SEEKER: dict[str, Any] = {
    "mode": "co_hunter",
    "bio": "I work from home three days a week, cook most evenings and like a tidy kitchen.",
    "age": 29,
    "gender": "undisclosed",
    "profession": "Translator",
    "city": "Kigali",
    "locality": "Kacyiru",
    "budget_min": 120_000,
    "budget_max": 260_000,
    "move_in_timeline": "within_month",
    "sleep_schedule": "early_bird",
    "cleanliness": "tidy",
    "food_habits": "vegetarian",
    "smoking": "never",
    "drinking": "occasionally",
    "guests_policy": "occasional_ok",
    "work_style": "hybrid",
    "pets": "welcome",
    "gender_preference": "any",
    "vibe_tags": ["cook", "reader"],
    "onboarding_completed": True,
}


class Home(NamedTuple):
    """Where somebody has a room to share."""

    city: str
    locality: str


def is_woman(name: str) -> bool:
    return name.split(maxsplit=1)[0] in WOMEN


def answers_of(name: str, home: Home | None) -> dict[str, Any]:
    """A whole profile. Who has no room looks for one, most of them in Kigali."""
    chance = random.Random(f"profile {name}")  # noqa: S311 -- no secret
    city = home.city if home else _city_of(name, chance)
    low, step = BUDGETS[CITIES[city].currency]
    least = low + step * chance.randrange(4)
    looking = chance.choice(["co_hunter", "co_hunter", "open_to_both"])
    return {
        "mode": "room_poster" if home else looking,
        "bio": _bio(name, chance),
        "age": chance.randint(20, 44),
        "gender": "female" if is_woman(name) else "male",
        "profession": chance.choice(PROFESSIONS),
        "city": city,
        "locality": home.locality if home else chance.choice(list(CITIES[city].localities)),
        "budget_min": least,
        "budget_max": least + step * chance.randint(2, 5),
        "move_in_timeline": chance.choice(["now", "within_month", "within_month", "flexible"]),
        "move_in_date": (clock.now() + dt.timedelta(days=chance.randint(10, 75))).date(),
        "gender_preference": chance.choice(["any", "any", "any", ""]),
        "non_negotiables": chance.choice([[], [], ["no_smoking"], ["min_tidy"], ["no_parties"]]),
        "vibe_tags": chance.sample(VIBES, 3),
        "onboarding_completed": True,
        **_days(chance),
    }


def _days(chance: random.Random) -> dict[str, str]:
    """The quiz, with a gap here and there, so that not all scores rest on all seven answers."""
    given = {
        "sleep_schedule": chance.choice(["early_bird", "early_bird", "flexible", "night_owl"]),
        "cleanliness": chance.choice(["minimal", "tidy", "tidy", "spotless"]),
        "food_habits": chance.choice(
            ["vegetarian", "non_vegetarian", "eggetarian", "no_preference", "vegan"]
        ),
        "smoking": chance.choice(["never", "never", "never", "occasionally", "regularly"]),
        "drinking": chance.choice(["never", "occasionally", "occasionally", "regularly"]),
        "guests_policy": chance.choice(["no_overnight_guests", "occasional_ok", "open_house"]),
        "work_style": chance.choice(["wfh", "office", "hybrid"]),
        "pets": chance.choice(["none", "none", "have", "welcome"]),
    }
    for name in chance.sample(list(given), chance.choice([0, 0, 0, 1, 2])):
        given[name] = ""
    return given


def _bio(name: str, chance: random.Random) -> str:
    if name == WAITING:
        return WAITING_BIO
    return " ".join(chance.choice(part) for part in (BEGINNINGS, MIDDLES, WISHES))


def _city_of(name: str, chance: random.Random) -> str:
    if PEOPLE.index(name) % 2 == 0:
        return "Kigali"
    return chance.choice(["Kigali", "Gurugram", "Bengaluru"])
