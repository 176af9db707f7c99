"""The words of a listing: its states with the verbs between them, and its closed lists."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.lib.transitions import Transitions, row

OWNER, ADMIN, SYSTEM = "owner", "admin", "system"


class ListingStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Being checked")
    HOLD_FOR_REVIEW = "hold_for_review", _("Needs your input")
    PENDING_REVIEW = "pending_review", _("In review")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    NEEDS_EDIT = "needs_edit", _("Needs your input")
    REJECTED = "rejected", _("Not published")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Let")


S = ListingStatus

# No verb of an owner leads to live from a state that nobody has reviewed; expired was live.
TRANSITIONS = Transitions(
    row("submit", [S.DRAFT, S.NEEDS_EDIT, S.REJECTED, S.HOLD_FOR_REVIEW], S.SUBMITTED, [OWNER]),
    row("edit_content", [S.LIVE, S.PAUSED], S.SUBMITTED, [OWNER]),
    row(
        "check_hold",
        [S.SUBMITTED, S.PENDING_REVIEW, S.HOLD_FOR_REVIEW, S.LIVE, S.PAUSED],
        S.HOLD_FOR_REVIEW,
        [SYSTEM],
    ),
    row(
        "check_pass", [S.SUBMITTED, S.HOLD_FOR_REVIEW, S.PENDING_REVIEW], S.PENDING_REVIEW, [SYSTEM]
    ),
    row("restore_live", [S.SUBMITTED], S.LIVE, [SYSTEM]),
    row("restore_paused", [S.SUBMITTED], S.PAUSED, [SYSTEM]),
    row("approve", [S.PENDING_REVIEW, S.HOLD_FOR_REVIEW], S.LIVE, [ADMIN]),
    row(
        "reject",
        [S.PENDING_REVIEW, S.HOLD_FOR_REVIEW, S.SUBMITTED, S.LIVE, S.PAUSED],
        S.REJECTED,
        [ADMIN],
    ),
    row("request_edit", [S.PENDING_REVIEW, S.HOLD_FOR_REVIEW], S.NEEDS_EDIT, [ADMIN]),
    row(
        "hold",
        [S.SUBMITTED, S.PENDING_REVIEW, S.HOLD_FOR_REVIEW, S.LIVE, S.PAUSED],
        S.HOLD_FOR_REVIEW,
        [ADMIN],
    ),
    row(
        "allow",
        [S.SUBMITTED, S.HOLD_FOR_REVIEW, S.PENDING_REVIEW, S.REJECTED],
        S.PENDING_REVIEW,
        [ADMIN],
    ),
    row(
        "undo_to_hold",
        [S.LIVE, S.REJECTED, S.NEEDS_EDIT, S.PENDING_REVIEW],
        S.HOLD_FOR_REVIEW,
        [ADMIN],
    ),
    row(
        "undo_to_review",
        [S.LIVE, S.REJECTED, S.NEEDS_EDIT, S.HOLD_FOR_REVIEW],
        S.PENDING_REVIEW,
        [ADMIN],
    ),
    row("pause", [S.LIVE], S.PAUSED, [OWNER, ADMIN, SYSTEM]),
    row("resume", [S.PAUSED], S.LIVE, [OWNER, ADMIN, SYSTEM]),
    row("expire", [S.LIVE, S.PAUSED], S.EXPIRED, [SYSTEM]),
    row("renew", [S.EXPIRED, S.LIVE], S.LIVE, [OWNER]),
    row("withdraw", [s for s in S if s != S.WITHDRAWN], S.WITHDRAWN, [OWNER, ADMIN]),
)

APPROVED = frozenset({S.LIVE, S.PAUSED})
# What the owner changes in these is checked again by itself.
IN_REVIEW = frozenset({S.SUBMITTED, S.HOLD_FOR_REVIEW, S.PENDING_REVIEW})
# An expired listing is renewed first: otherwise an edit would come back unseen.
EDITABLE = frozenset(S) - {S.EXPIRED, S.WITHDRAWN}
# Where the reasons of the check or of a reviewer wait for the poster.
HAS_OPEN_POINTS = frozenset({S.HOLD_FOR_REVIEW, S.NEEDS_EDIT, S.REJECTED})
FREEZES_APPOINTMENTS = frozenset({S.HOLD_FOR_REVIEW, S.REJECTED})


class MediaStatus(models.TextChoices):
    PROCESSING = "processing", _("being prepared")
    READY = "ready", _("ready")
    FAILED = "failed", _("not usable")


MEDIA_TRANSITIONS = Transitions(
    row("finish", [MediaStatus.PROCESSING], MediaStatus.READY, [SYSTEM]),
    row("fail", [MediaStatus.PROCESSING], MediaStatus.FAILED, [SYSTEM]),
)


class PropertyType(models.TextChoices):
    HOUSE = "house", _("House")
    APARTMENT = "apartment", _("Apartment")
    BUILDER_FLOOR = "builder_floor", _("Builder floor")
    ROOM = "room", _("Room")
    VILLA = "villa", _("Villa")
    PLOT = "plot", _("Plot")
    CONDO = "condo", _("Condo")
    PENTHOUSE = "penthouse", _("Penthouse")
    STUDIO = "studio", _("Studio")
    LOFT = "loft", _("Loft")
    PG = "pg", _("Paying guest")
    FLATMATE = "flatmate", _("Room in a shared flat")
    OFFICE = "office", _("Office")
    SHOP = "shop", _("Shop")
    WAREHOUSE = "warehouse", _("Warehouse")


# The modes in which one moves in with somebody; their move-in date is a promise.
SHARED_TYPES = frozenset({PropertyType.PG, PropertyType.FLATMATE})
ROOM_TYPES = SHARED_TYPES | {PropertyType.ROOM}


class Purpose(models.TextChoices):
    BUY = "buy", _("For sale")
    RENT = "rent", _("For rent")
    SHORT_STAY = "short_stay", _("Short stay")


class Currency(models.TextChoices):
    INR = "INR", "INR"
    RWF = "RWF", "RWF"


class RentPeriod(models.TextChoices):
    MONTH = "month", _("month")
    WEEK = "week", _("week")


class Furnishing(models.TextChoices):
    UNFURNISHED = "unfurnished", _("Unfurnished")
    SEMI = "semi_furnished", _("Semi-furnished")
    FURNISHED = "furnished", _("Furnished")


class SharingType(models.TextChoices):
    PRIVATE_ROOM = "private_room", _("Private room")
    SHARED_ROOM = "shared_room", _("Shared room")
    MASTER_BEDROOM = "master_bedroom", _("Master bedroom")
    ENTIRE_FLAT = "entire_flat", _("Entire flat")


class GenderPreference(models.TextChoices):
    ANY = "any", _("Anybody")
    MALE = "male", _("Men")
    FEMALE = "female", _("Women")


class Cost(models.TextChoices):
    """What may be in the monthly cost of a room."""

    WATER = "water", _("Water")
    ELECTRICITY = "electricity", _("Electricity")
    INTERNET = "internet", _("Internet")
    MAINTENANCE = "maintenance", _("Maintenance")
    CLEANING = "cleaning", _("Cleaning")
    GAS = "gas", _("Gas")


class PauseReason(models.TextChoices):
    """Why a listing is paused, in the words that its poster reads."""

    OWNER = "owner", _("Nobody finds it while it is paused.")
    MOVE_IN_PASSED = (
        "move_in_passed",
        _("The move-in date has passed. Choose a new one to bring it back."),
    )
    NOT_CONFIRMED = (
        "not_confirmed",
        _("We did not hear whether it is still available. If it is, show it again."),
    )
    MODERATION = "moderation", _("Our team has paused it. We tell you when that changes.")
    REPORTS = "reports", _("Several people reported it, so we look at it. We will tell you.")


class ViewingConfirmation(models.TextChoices):
    MANUAL = "manual", _("I confirm each viewing")
    AUTO = "auto", _("A time that I offered is confirmed when the seeker picks it")


class Amenity(models.TextChoices):
    """What our forms offer; a listing may name others in its own words."""

    WIFI = "wifi", _("Wi-Fi")
    WATER_TANK = "water_tank", _("Water tank")
    HOT_WATER = "hot_water", _("Hot water")
    POWER_BACKUP = "power_backup", _("Power backup")
    KITCHEN = "kitchen", _("Kitchen to use")
    WASHING_MACHINE = "washing_machine", _("Washing machine")
    AIR_CONDITIONING = "air_conditioning", _("Air conditioning")
    PARKING = "parking", _("Parking")
    LIFT = "lift", _("Lift")
    BALCONY = "balcony", _("Balcony")
    GARDEN = "garden", _("Garden")
    GYM = "gym", _("Gym")
    POOL = "pool", _("Pool")
    SECURITY = "security", _("Guard or gate")
    HOUSEKEEPING = "housekeeping", _("Housekeeping")
    MEALS = "meals", _("Meals included")
    PETS = "pets", _("Pets welcome")
    STEP_FREE = "step_free", _("Step-free entrance")


class MediaCategory(models.TextChoices):
    EXTERIOR = "exterior", _("Outside")
    ROOM = "room", _("The room")
    BEDROOM = "bedroom", _("Bedroom")
    KITCHEN = "kitchen", _("Kitchen")
    BATHROOM = "bathroom", _("Bathroom")
    COMMON = "common", _("Shared space")
    AMENITY = "amenity", _("Amenity")
    FLOOR_PLAN = "floor_plan", _("Floor plan")
    OTHER = "other", _("Other")


class UploadPurpose(models.TextChoices):
    MESSAGE = "message"
    PROFILE = "profile"
    EVIDENCE = "evidence"


class AlertFrequency(models.TextChoices):
    INSTANT = "instant", _("At once")
    DAILY = "daily", _("Every morning")
    WEEKLY = "weekly", _("Once a week")
    OFF = "off", _("Never")
