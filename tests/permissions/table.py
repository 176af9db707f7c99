"""Who may call which route. A route that is missing here fails the build.

Each row answers one question: is this caller let in at all? Input that is wrong (422) or a step that
the state refuses (409) still means that the caller was let in.
"""

from typing import NamedTuple

ANONYMOUS, SESSION, OTHER_SESSION = "anonymous", "own session", "other session"
SEEKER, POSTER, OTHER_POSTER = "seeker", "poster", "other poster"
OUTSIDER, AGENT, ADMIN = "outsider", "agent", "admin"

ACTORS = (ANONYMOUS, SESSION, OTHER_SESSION, SEEKER, POSTER, OTHER_POSTER, OUTSIDER, AGENT, ADMIN)
USERS = frozenset({SEEKER, POSTER, OTHER_POSTER, OUTSIDER, AGENT, ADMIN})
WITHOUT_ACCOUNT = frozenset({ANONYMOUS, SESSION, OTHER_SESSION})
CALLERS = frozenset(ACTORS) - {ANONYMOUS}


class Access(NamedTuple):
    """`may`: who is let in. `denied`: what other signed-in people get. `unknown`: what those get
    who would have to sign in first (None: the same as `denied`). `about`: the object in the address.
    """

    may: frozenset[str]
    denied: int = 404
    unknown: int | None = 401
    about: str = ""


def anybody(about: str = "") -> Access:
    return Access(frozenset(ACTORS), about=about)


def users() -> Access:
    """Signed-in people, each about themselves."""
    return Access(USERS)


def callers() -> Access:
    """Signed-in people and seeker sessions, each about themselves."""
    return Access(CALLERS)


def staff(about: str = "") -> Access:
    return Access(frozenset({ADMIN}), denied=403, about=about)


def only(*actors: str, about: str) -> Access:
    """People who have to do with an object; to others it does not exist."""
    return Access(frozenset(actors), about=about)


def parties(*actors: str, about: str) -> Access:
    """As `only`, where seeker sessions are callers too and get the same 404 as other people."""
    return Access(frozenset(actors), about=about)


OWNER_ONLY = only(POSTER, about="draft")
OWNER_OR_STAFF = only(POSTER, ADMIN, about="draft")

TABLE: dict[tuple[str, str], Access] = {
    # --- the site
    ("home", "GET"): anybody(),
    ("healthz", "GET"): anybody(),
    ("readyz", "GET"): anybody(),
    ("help", "GET"): anybody("topic"),
    ("styleguide", "GET"): Access(frozenset({ADMIN}), denied=302, unknown=302),
    ("favicon", "GET"): anybody(),
    ("robots", "GET"): anybody(),
    ("service-worker", "GET"): anybody(),
    ("offline", "GET"): anybody(),
    ("set_language", "POST"): anybody(),
    ("api:schema", "GET"): anybody(),
    ("api:docs", "GET"): anybody(),
    ("api:limit-list", "GET"): anybody(),
    # --- accounts
    ("accounts:login", "GET"): anybody(),
    ("accounts:login", "POST"): anybody(),
    ("accounts:signup", "GET"): anybody(),
    ("accounts:signup", "POST"): anybody(),
    ("accounts:logout", "GET"): anybody(),
    ("accounts:logout", "POST"): anybody(),
    ("accounts:restore", "GET"): anybody(),
    ("accounts:restore", "POST"): anybody(),
    ("accounts:forgotten-password", "GET"): anybody(),
    ("accounts:forgotten-password", "POST"): anybody(),
    ("accounts:new-password", "GET"): anybody(),
    ("accounts:new-password", "POST"): anybody(),
    ("accounts:me", "GET"): users(),
    ("accounts:settings", "GET"): users(),
    ("accounts:settings", "POST"): users(),
    ("accounts:send-code", "GET"): users(),
    ("accounts:send-code", "POST"): users(),
    ("accounts:confirm-code", "POST"): users(),
    ("accounts:change-password", "GET"): users(),
    ("accounts:change-password", "POST"): users(),
    ("accounts:export", "GET"): users(),
    ("accounts:delete", "GET"): users(),
    ("accounts:delete", "POST"): users(),
    ("api:auth-register", "POST"): anybody(),
    ("api:auth-token", "POST"): anybody(),
    ("api:auth-token", "DELETE"): users(),
    ("api:auth-password", "POST"): users(),
    ("api:auth-reset", "POST"): anybody(),
    ("api:auth-reset-confirm", "POST"): anybody(),
    ("api:auth-verify", "POST"): callers(),
    ("api:auth-verify-confirm", "POST"): callers(),
    ("api:session-list", "POST"): anybody(),
    ("api:session-claim", "POST"): users(),
    ("api:user-me", "GET"): users(),
    ("api:user-me", "PATCH"): users(),
    ("api:user-me", "DELETE"): users(),
    ("api:user-restore", "POST"): anybody(),
    ("api:user-export", "GET"): users(),
    ("api:user-channels", "GET"): users(),
    ("api:user-channels", "PUT"): users(),
    # --- notifications
    ("notifications:list", "GET"): callers(),
    ("notifications:newest", "GET"): callers(),
    ("notifications:bell", "GET"): callers(),
    ("notifications:read-all", "POST"): callers(),
    ("notifications:open", "POST"): parties(POSTER, about="notification"),
    ("notifications:channels", "GET"): users(),
    ("notifications:channels", "POST"): users(),
    ("api:notification-list", "GET"): callers(),
    ("api:notification-list", "PUT"): callers(),
    ("api:notification-detail", "PUT"): parties(POSTER, about="notification"),
    ("api:device-list", "POST"): users(),
    ("api:device-detail", "DELETE"): only(POSTER, about="device"),
    # --- listings
    ("properties:search", "GET"): anybody(),
    ("properties:detail", "GET"): anybody("live with slug"),
    ("properties:sitemap", "GET"): anybody(),
    ("properties:host", "GET"): users(),
    ("properties:start", "GET"): users(),
    ("properties:new", "GET"): Access(USERS, about="step"),
    ("properties:new", "POST"): Access(USERS, about="step"),
    ("properties:listing", "GET"): OWNER_ONLY,
    ("properties:listing", "POST"): OWNER_ONLY,
    ("properties:state", "GET"): OWNER_ONLY,
    ("properties:preview", "GET"): OWNER_ONLY,
    ("properties:photos", "GET"): OWNER_ONLY,
    ("properties:photos", "POST"): OWNER_ONLY,
    ("properties:photo-grid", "GET"): OWNER_ONLY,
    ("properties:photo-order", "POST"): OWNER_ONLY,
    ("properties:photo-change", "POST"): only(POSTER, about="draft photo"),
    ("properties:photo", "GET"): Access(
        frozenset({POSTER, ADMIN}), unknown=404, about="photo of draft"
    ),
    ("properties:upload", "GET"): Access(frozenset({POSTER, ADMIN}), unknown=404, about="upload"),
    ("api:property-list", "GET"): anybody(),
    ("api:property-list", "POST"): users(),
    ("api:property-mine", "GET"): users(),
    ("api:property-detail", "GET"): Access(frozenset({POSTER, ADMIN}), unknown=404, about="draft"),
    ("api:property-detail", "PATCH"): OWNER_ONLY,
    ("api:property-media", "POST"): OWNER_ONLY,
    ("api:property-order-media", "PUT"): OWNER_ONLY,
    ("api:property-remove-media", "DELETE"): only(POSTER, about="draft photo"),
    ("api:property-submit", "POST"): OWNER_ONLY,
    ("api:property-pause", "POST"): OWNER_ONLY,
    ("api:property-resume", "POST"): OWNER_ONLY,
    ("api:property-renew", "POST"): OWNER_ONLY,
    ("api:property-withdraw", "POST"): OWNER_ONLY,
    ("api:upload-list", "POST"): users(),
    # --- moderation
    ("moderation:fix", "GET"): OWNER_ONLY,
    ("moderation:fix-points", "GET"): OWNER_ONLY,
    ("moderation:add-evidence", "POST"): OWNER_ONLY,
    ("moderation:appeal", "GET"): OWNER_ONLY,
    ("moderation:appeal", "POST"): OWNER_ONLY,
    ("api:risk-own", "GET"): OWNER_ONLY,
    ("api:risk-preview", "POST"): OWNER_ONLY,
    ("api:risk-appeal", "POST"): OWNER_ONLY,
    ("api:case-list", "GET"): staff(),
    ("api:case-claim", "POST"): staff("case"),
    ("api:case-release", "POST"): staff("case"),
    ("api:case-decide", "POST"): staff("case"),
    ("api:risk-detail", "GET"): staff("draft"),
    ("api:risk-override", "POST"): staff("draft"),
    ("api:review-list", "GET"): staff(),
    ("api:review-detail", "PUT"): staff("draft"),
    ("api:review-prescreen", "POST"): staff("draft"),
    ("api:audit-list", "GET"): staff(),
}
