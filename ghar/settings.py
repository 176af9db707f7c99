"""All settings, one line each. The environment (or .env) overrides; docs/settings.md lists them."""

from pathlib import Path
from typing import Any
import zoneinfo

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
import environ

from ghar.lib.languages import extend_lang_info
from ghar.lib.logs import configure_structlog
from ghar.lib.redis_urls import redis_urls

# Zones come from the pinned package: the data of systems differ, for some places by an hour.
zoneinfo.reset_tzpath(())

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- What an installation must decide -----------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PHONE_PEPPER = env.str("PHONE_PEPPER", default="")
PHONE_PEPPER_KEY_ID = env.int("PHONE_PEPPER_KEY_ID", default=1)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")
DATABASE_URL = env.str("DATABASE_URL", default="postgres://postgres@127.0.0.1:5432/ghar")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
VAR_DIR = Path(env.str("GHAR_VAR", default=str(BASE_DIR / "var")))
FORWARDED_ALLOW_IPS = env.list("FORWARDED_ALLOW_IPS", default=[])
GRIEVANCE_CONTACT = env.str("GRIEVANCE_CONTACT", default="grievance@ghar.test")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ghar <hello@ghar.test>")

# --- Django -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "ghar.apps.GharConfig",
    "ghar.apps.GharAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "ghar.api",
    "ghar.audit",
    "ghar.realtime",
    "ghar.notifications",
    "ghar.calendar",
    "ghar.accounts",
    "ghar.properties",
    "moderation",
    "flatmates",
    "visits",
    "viewings",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ghar.accounts.middleware.CallerMiddleware",
    "ghar.accounts.middleware.SuspensionMiddleware",
    "ghar.accounts.middleware.StaffGateMiddleware",
    "ghar.accounts.middleware.PrivatePagesMiddleware",
]
ROOT_URLCONF = "ghar.urls"
WSGI_APPLICATION = "ghar.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ghar.accounts.middleware.site_context",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail is unique by Lower("email"), see accounts
    "security.W005",  # what holds for other names of the domain is its owner's to say
    "security.W021",  # and so is the browsers' preload list
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Database and Redis -------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"]["TEST"] = {"NAME": env.str("GHAR_TEST_DB", default="test_ghar")}
REDIS_PREFIX = env.str("REDIS_PREFIX", default="ghar:")
_redis = redis_urls(REDIS_URL)
# A request that tells the streams must not wait for a Redis that is away: the row is the truth.
EVENTSTREAM_REDIS = _redis.eventstream | {
    "retry": None,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis.redis}
}
SESSION_ENGINE = "ghar.lib.page_sessions"

# --- Work in the background ---------------------------------------------------------------------
CELERY_BROKER_URL = _redis.celery
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
# Nor may one that wakes a worker, once or again; a worker itself waits for a second at a time.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "ghar.accounts.adapter.AccountAdapter"
MFA_ADAPTER = "ghar.accounts.adapter.MFAAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]
ACCOUNT_FORMS = {
    "signup": "ghar.accounts.forms.SignupForm",
    "login": "ghar.accounts.forms.LoginForm",
}
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}  # ours are in LIMITS
PASSWORD_RESET_TIMEOUT = 60 * 60
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=True)
REAUTHENTICATION_SECONDS = 15 * 60
API_TOKEN_DAYS = env.int("API_TOKEN_DAYS", default=90)
SEEKER_SESSION_DAYS = env.int("SEEKER_SESSION_DAYS", default=180)
ANONYMOUS_USER_NAME = None

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ghar.accounts.authentication.TokenAuthentication",
        "ghar.accounts.authentication.SeekerSessionAuthentication",
        "ghar.accounts.authentication.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["ghar.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["ghar.api.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "ghar.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "ghar.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ghar",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ghar.realtime.api.describe_stream",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ListingStatusEnum": "ghar.properties.states.ListingStatus",
        "MediaStatusEnum": "ghar.properties.states.MediaStatus",
        "ListingPurposeEnum": "ghar.properties.states.Purpose",
        "UploadPurposeEnum": "ghar.properties.states.UploadPurpose",
        "PropertyTypeEnum": "ghar.properties.states.PropertyType",
        "ViewingStatusEnum": "viewings.states.ViewingStatus",
        "OptionStatusEnum": "viewings.states.OptionStatus",
        "ViewingOutcomeEnum": "viewings.states.Outcome",
        "VisitOutcomeEnum": "visits.states.Outcome",
        "CaseKindEnum": "moderation.states.CaseKind",
        "CaseStatusEnum": "moderation.states.CaseStatus",
        "RiskStatusEnum": "moderation.states.RiskStatus",
        "ReasonCodeEnum": "moderation.states.ReasonCode",
        "InteractionKindEnum": "visits.states.InteractionKind",
        "SwipeActionEnum": "flatmates.states.SwipeAction",
        "SwipeTargetEnum": "flatmates.states.SwipeTarget",
        "VoteEnum": "flatmates.states.Vote",
        "DealBreakerEnum": "flatmates.states.DealBreaker",
        "FrequencyEnum": "flatmates.states.Frequency",
        "ProfileStatusEnum": "flatmates.states.ProfileStatus",
        "MatchStatusEnum": "flatmates.states.MatchStatus",
        "ViewSourceEnum": "flatmates.states.ViewSource",
        "AppealStatusEnum": "moderation.states.AppealStatus",
        "ReportActionEnum": "moderation.states.ReportAction",
        "VisitStatusEnum": "visits.states.VisitStatus",
    },
}

# --- Map ----------------------------------------------------------------------------------------
# "https://{s}.tiles.example/{z}/{x}/{y}.png" and whom its licence wants named; without, a plain map.
MAP_TILES_URL = env.str("MAP_TILES_URL", default="")
MAP_ATTRIBUTION = env.str("MAP_ATTRIBUTION", default="")
_MAP_HOSTS = ["/".join(MAP_TILES_URL.replace("{s}", "*").split("/")[:3])] if MAP_TILES_URL else []

# --- Security -----------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_MAP_HOSTS],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("COOKIE_SECURE", default=not DEBUG)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "ghar.views.csrf_failure"

# --- Language, money, time ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("hi", _("Hindi")),
    ("fr", _("French")),
    ("rw", _("Kinyarwanda")),
]
extend_lang_info()
LOCALE_PATHS = [BASE_DIR / "ghar" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# A market gives a listing its currency and zone; rents over the ceiling (minor units a month) are
# certainly a mistake or a scam.
MARKETS = {
    "IN": {
        "currency": "INR",
        "money_pattern": "¤#,##,##0",
        "timezone": "Asia/Kolkata",
        "phone_region": "IN",
        "area_unit": "sqft",
        "ceiling": 100_000_000,
    },
    "RW": {
        "currency": "RWF",
        "money_pattern": "¤\u00a0#,##0",
        "timezone": "Africa/Kigali",
        "phone_region": "RW",
        "area_unit": "sqm",
        "ceiling": 15_000_000,
    },
}

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
MEDIA_MAX_BYTES = 10 * 1024 * 1024
MEDIA_MAX_PER_LISTING = 20

# --- Serving and the stream ---------------------------------------------------------------------
WEB_HOST = env.str("WEB_HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WEB_THREADS = env.int("WEB_THREADS", default=8)
STREAM_KEEPALIVE_SECONDS = env.int("STREAM_KEEPALIVE_SECONDS", default=15)
EVENT_RETENTION_DAYS = env.int("EVENT_RETENTION_DAYS", default=7)

# --- Product rules ------------------------------------------------------------------------------
CLOCK_ADJUSTABLE = env.bool("CLOCK_ADJUSTABLE", default=DEBUG)
FLAG_CACHE_SECONDS = 2
FLAGS = {
    "VIEWINGS_ENABLED": env.bool("VIEWINGS_ENABLED", default=True),
    "RISK_SCORING_ENABLED": env.bool("RISK_SCORING_ENABLED", default=True),
}
LIMITS = {
    # name: (how many, seconds, counted for)
    "wrong_passwords": (10, 15 * 60, "account"),
    "register": (60, 60, "address"),
    "sessions": (120, 60, "address"),
    "tokens": (300, 60, "address"),
    "viewing_requests": (120, 60, "address"),
    "codes": (10, 60 * 60, "account"),
    "uploads": (200, 24 * 60 * 60, "account"),
    "tool_calls": (600, 60, "account"),
    "messages": (60, 60, "account"),
    "swipes": (200, 24 * 60 * 60, "account"),
    "super_likes": (5, 24 * 60 * 60, "account"),
    "undos": (50, 24 * 60 * 60, "account"),
    "tag_votes": (100, 24 * 60 * 60, "account"),
    "reports": (20, 24 * 60 * 60, "account"),
    "arrival_codes": (10, 15 * 60, "visit"),
    "late_notes": (3, 60 * 60, "viewing"),
    "ratings": (20, 24 * 60 * 60, "account"),
}
OPEN_VIEWINGS_PER_SEEKER = 5
SUSPENSION_CONFIRM_HOURS = 72  # until a second moderator must have confirmed it
GEOCODER = env.str("GEOCODER", default="bundled")  # or nominatim, at GEOCODER_URL
GEOCODER_URL = env.str("GEOCODER_URL", default="https://nominatim.openstreetmap.org")
DETECTION: dict[str, Any] = {}  # overrides of moderation.rules.limits.DetectionSettings
VIEWING: dict[str, int] = {}  # overrides of viewings.policies.settings.ViewingSettings
VISIT: dict[str, int] = {}  # overrides of visits.policies.settings.VisitSettings
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # seconds; a worker waits that long at most
CHANNELS = env.list("CHANNELS", default=["console"])  # or email, …: see notifications.channels
# {"sms": "twilio://…/{address}"}: a channel and its URL as Apprise spells it.
APPRISE_URLS = env.json("APPRISE_URLS", default={})
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")  # 32 bytes as base64url: browser push

# --- Logs ---------------------------------------------------------------------------------------
configure_structlog()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"redact": {"()": "ghar.lib.redact.RedactSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["redact"],
        },
        "messages": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "loggers": {
        # What the console channel says instead of sending it: its links are there to be opened.
        "ghar.notifications.channels": {"handlers": ["messages"], "propagate": False},
        "django_eventstream": {"level": "WARNING"},
        "apprise": {"level": "CRITICAL"},  # it would name the address; the Delivery says it failed
        # Django's own console handler would print addresses that ours redacts.
        "django": {"handlers": []},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
