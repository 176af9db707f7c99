"""Words of people who look for a home together, and the tables of their steps."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transitions, row

OWNER, PEER, ADMIN, SYSTEM = "owner", "peer", "admin", "system"


class Mode(models.TextChoices):
    ROOM_POSTER = "room_poster", _("I have a room")
    CO_HUNTER = "co_hunter", _("Let us look together")
    OPEN_TO_BOTH = "open_to_both", _("Either")


class ProfileStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PENDING_REVIEW = "pending_review", _("In review")
    ACTIVE = "active", _("Visible")
    PAUSED = "paused", _("Paused")
    REJECTED = "rejected", _("Not published")


PROFILE_TRANSITIONS = Transitions(
    # Complete, with text that passes the rules: that check is the review.
    row("publish", [ProfileStatus.DRAFT], ProfileStatus.ACTIVE, [SYSTEM]),
    row(
        "flag",
        [ProfileStatus.DRAFT, ProfileStatus.ACTIVE, ProfileStatus.PAUSED],
        ProfileStatus.PENDING_REVIEW,
        [SYSTEM],
    ),
    row("take_back", [ProfileStatus.ACTIVE], ProfileStatus.DRAFT, [SYSTEM]),
    row("pause", [ProfileStatus.ACTIVE], ProfileStatus.PAUSED, [OWNER, ADMIN, SYSTEM]),
    row("resume", [ProfileStatus.PAUSED], ProfileStatus.ACTIVE, [OWNER, ADMIN, SYSTEM]),
    row("approve", [ProfileStatus.PENDING_REVIEW], ProfileStatus.ACTIVE, [ADMIN]),
    row(
        "reject",
        [ProfileStatus.PENDING_REVIEW, ProfileStatus.ACTIVE, ProfileStatus.PAUSED],
        ProfileStatus.REJECTED,
        [ADMIN],
    ),
    # What was rejected or waits comes back by a moderator alone, whatever its owner changes.
    row("resubmit", [ProfileStatus.REJECTED], ProfileStatus.PENDING_REVIEW, [OWNER]),
)


class PauseReason(models.TextChoices):
    OWNER = "owner", _("You paused it.")
    MOVE_IN_PASSED = "move_in_passed", _("The move-in date has passed.")
    REPORTS = "reports", _("Several people reported it. A moderator is looking.")
    SUSPENDED = "suspended", _("The account is suspended.")


class MoveIn(models.TextChoices):
    NOW = "now", _("Right away")
    WITHIN_MONTH = "within_month", _("Within a month")
    ONE_TO_THREE_MONTHS = "one_to_three_months", _("In one to three months")
    FLEXIBLE = "flexible", _("I am flexible")


class Gender(models.TextChoices):
    MALE = "male", _("Man")
    FEMALE = "female", _("Woman")
    OTHER = "other", _("Other")
    UNDISCLOSED = "undisclosed", _("I prefer not to say")


class SleepSchedule(models.TextChoices):
    EARLY_BIRD = "early_bird", _("Early bird")
    FLEXIBLE = "flexible", _("Flexible")
    NIGHT_OWL = "night_owl", _("Night owl")


class Cleanliness(models.TextChoices):
    MINIMAL = "minimal", _("Relaxed")
    TIDY = "tidy", _("Tidy")
    SPOTLESS = "spotless", _("Spotless")


class FoodHabits(models.TextChoices):
    VEGETARIAN = "vegetarian", _("Vegetarian")
    VEGAN = "vegan", _("Vegan")
    NON_VEGETARIAN = "non_vegetarian", _("Non-vegetarian")
    EGGETARIAN = "eggetarian", _("Eggetarian")
    NO_PREFERENCE = "no_preference", _("No preference")


class Frequency(models.TextChoices):
    """Of smoking and of drinking."""

    NEVER = "never", _("Never")
    OCCASIONALLY = "occasionally", _("Occasionally")
    REGULARLY = "regularly", _("Regularly")


class GuestsPolicy(models.TextChoices):
    NO_OVERNIGHT_GUESTS = "no_overnight_guests", _("No overnight guests")
    OCCASIONAL_OK = "occasional_ok", _("Now and then is fine")
    OPEN_HOUSE = "open_house", _("Open house")


class WorkStyle(models.TextChoices):
    WFH = "wfh", _("From home")
    OFFICE = "office", _("At an office")
    HYBRID = "hybrid", _("Some of both")


class Pets(models.TextChoices):
    NONE = "none", _("No pets")
    HAVE = "have", _("I have a pet")
    WELCOME = "welcome", _("No pets of mine, others' are welcome")


class DealBreaker(models.TextChoices):
    FOOD_VEG_ONLY = "food_veg_only", _("Vegetarian home")
    FOOD_VEGAN_ONLY = "food_vegan_only", _("Vegan home")
    NO_SMOKING = "no_smoking", _("No smoking")
    NO_DRINKING = "no_drinking", _("No drinking")
    NO_OVERNIGHT_GUESTS = "no_overnight_guests", _("No overnight guests")
    NO_PETS = "no_pets", _("No pets")
    GENDER_FEMALE_ONLY = "gender_female_only", _("Women only")
    GENDER_MALE_ONLY = "gender_male_only", _("Men only")
    NO_PARTIES = "no_parties", _("No parties")
    MIN_TIDY = "min_tidy", _("Tidy at least")
    EARLY_RISER = "early_riser", _("Early risers")


class SwipeAction(models.TextChoices):
    PASS = "pass", _("Pass")
    LIKE = "like", _("Like")
    SUPER_LIKE = "super_like", _("Super like")


LIKES = (SwipeAction.LIKE, SwipeAction.SUPER_LIKE)


class SwipeTarget(models.TextChoices):
    USER = "user"
    PROPERTY = "property"


class MatchStatus(models.TextChoices):
    ACTIVE = "active", _("Matched")
    UNMATCHED = "unmatched", _("Unmatched")
    BLOCKED = "blocked", _("Blocked")


MATCH_TRANSITIONS = Transitions(
    row("unmatch", [MatchStatus.ACTIVE], MatchStatus.UNMATCHED, [PEER]),
    row("block", [MatchStatus.ACTIVE, MatchStatus.UNMATCHED], MatchStatus.BLOCKED, [SYSTEM]),
    # Two fresh likes.
    row("rematch", [MatchStatus.UNMATCHED, MatchStatus.BLOCKED], MatchStatus.ACTIVE, [SYSTEM]),
)


class ConversationSource(models.TextChoices):
    LISTING_INTEREST = "listing_interest", _("Enquiry")
    PROFILE_MATCH = "profile_match", _("Match")


class ConversationStatus(models.TextChoices):
    ACTIVE = "active", _("Open")
    CLOSED = "closed", _("Closed")
    BLOCKED = "blocked", _("Blocked")


# What a member who put the conversation aside reads in place of "active".
ARCHIVED = "archived"

CONVERSATION_TRANSITIONS = Transitions(
    row("close", [ConversationStatus.ACTIVE], ConversationStatus.CLOSED, [PEER, SYSTEM]),
    row(
        "block",
        [ConversationStatus.ACTIVE, ConversationStatus.CLOSED],
        ConversationStatus.BLOCKED,
        [SYSTEM],
    ),
    row(
        "reopen",
        [ConversationStatus.CLOSED, ConversationStatus.BLOCKED],
        ConversationStatus.ACTIVE,
        [SYSTEM],
    ),
)


class MessageType(models.TextChoices):
    TEXT = "text"
    IMAGE = "image"
    SYSTEM = "system"
    VISIT_REQUEST = "visit_request"


class ViewSource(models.TextChoices):
    """From where somebody opened a profile."""

    DECK = "deck"
    LIST = "list"
    LIKES = "likes"
    CHAT = "chat"
    LINK = "link"


class Vote(models.TextChoices):
    UP = "up", _("True")
    DOWN = "down", _("Not so")
