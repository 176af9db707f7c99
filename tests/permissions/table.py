"""Who may call which route. A route that is missing here fails the build.

Each row answers one question: is this caller let in at all? Input that is wrong (422) or a step that
the state refuses (409) still means that the caller was let in.

The tools at /mcp and /mcp-admin are no routes of the URLconf: whom they let in stands in
tests/mcp/test_transport.py, and what each refuses beside it.
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
    who would have to sign in first. `about`: the object in the address. `wrong_side`: who has to do
    with it but may not take this step (403).
    """

    may: frozenset[str]
    denied: int = 404
    unknown: int = 401
    about: str = ""
    wrong_side: frozenset[str] = frozenset()


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


def both_seekers(*others: str, wrong_side: bool = False) -> tuple[Access, Access]:
    """A viewing that an account asked for, and one that a session asked for."""
    return tuple(
        Access(
            frozenset({*others} if wrong_side else {*others, own}),
            about=about,
            wrong_side=frozenset({own} if wrong_side else ()),
        )
        for own, about in ((SEEKER, "viewing"), (SESSION, "session's viewing"))
    )  # type: ignore[return-value]


OWNER_ONLY = only(POSTER, about="draft")
OWNER_OR_STAFF = only(POSTER, ADMIN, about="draft")
# Staff see every listing, but its words and photos are the poster's.
OWNER_CHANGES = OWNER_ONLY._replace(wrong_side=frozenset({ADMIN}))
VIEWING = both_seekers(POSTER, ADMIN)
NOT_FOR_SEEKERS = both_seekers(POSTER, ADMIN, wrong_side=True)
# Nobody asks to see their own place.
ASKING = Access(frozenset(ACTORS) - {POSTER}, about="live", wrong_side=frozenset({POSTER}))
# Two who wrote to each other; not even staff read along.
MEMBERS = only(SEEKER, POSTER, about="chat")
BY_LINK = Access(frozenset(ACTORS), about="link")
# Nobody reports or blocks himself; the person in the address is the poster.
NOT_ONESELF = Access(USERS - {POSTER}, about="person")

# A tour is led for somebody with an account, and not for the host.
TOURING = Access(USERS - {POSTER}, about="live", wrong_side=frozenset({POSTER}))
VISIT = only(SEEKER, POSTER, AGENT, ADMIN, about="visit")
# The team reads every visit and has no part in how its people look after themselves.
VISIT_PARTIES = Access(
    frozenset({SEEKER, POSTER, AGENT}), about="visit", wrong_side=frozenset({ADMIN})
)

TABLE: dict[tuple[str, str], Access | tuple[Access, ...]] = {
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
    ("api:unknown", "GET"): Access(frozenset(), unknown=404, about="nothing"),
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
    ("notifications:open", "POST"): only(POSTER, about="notification"),
    ("notifications:channels", "GET"): users(),
    ("notifications:channels", "POST"): users(),
    ("api:notification-list", "GET"): callers(),
    ("api:notification-list", "PUT"): callers(),
    ("api:notification-detail", "PUT"): only(POSTER, about="notification"),
    ("api:device-list", "POST"): users(),
    ("api:device-detail", "DELETE"): only(POSTER, about="device"),
    # --- listings
    ("properties:search", "GET"): anybody(),
    ("properties:map", "GET"): anybody(),
    ("properties:detail", "GET"): anybody("live with slug"),
    ("properties:sitemap", "GET"): anybody(),
    ("properties:host", "GET"): users(),
    ("properties:start", "GET"): users(),
    ("properties:new", "GET"): Access(USERS, about="step"),
    ("properties:new", "POST"): Access(USERS, about="step"),
    ("properties:listing", "GET"): OWNER_OR_STAFF,
    ("properties:listing", "POST"): OWNER_CHANGES,
    ("properties:state", "GET"): OWNER_OR_STAFF,
    ("properties:preview", "GET"): OWNER_OR_STAFF,
    ("properties:photos", "GET"): OWNER_OR_STAFF,
    ("properties:photos", "POST"): OWNER_CHANGES,
    ("properties:photo-grid", "GET"): OWNER_OR_STAFF,
    ("properties:photo-order", "POST"): OWNER_CHANGES,
    ("properties:photo-change", "POST"): OWNER_CHANGES._replace(about="draft photo"),
    ("properties:photo", "GET"): Access(
        frozenset({POSTER, ADMIN}), unknown=404, about="photo of draft"
    ),
    ("properties:upload", "GET"): Access(frozenset({POSTER, ADMIN}), unknown=404, about="upload"),
    ("api:property-list", "GET"): anybody(),
    ("api:property-list", "POST"): users(),
    ("api:property-mine", "GET"): users(),
    ("api:property-detail", "GET"): Access(frozenset({POSTER, ADMIN}), unknown=404, about="draft"),
    ("api:property-detail", "PATCH"): OWNER_CHANGES,
    ("api:property-media", "POST"): OWNER_CHANGES,
    ("api:property-order-media", "PUT"): OWNER_CHANGES,
    ("api:property-remove-media", "DELETE"): OWNER_CHANGES._replace(about="draft photo"),
    ("api:property-submit", "POST"): OWNER_CHANGES,
    ("api:property-pause", "POST"): OWNER_OR_STAFF,
    ("api:property-resume", "POST"): OWNER_OR_STAFF,
    ("api:property-renew", "POST"): OWNER_CHANGES,
    ("api:property-withdraw", "POST"): OWNER_OR_STAFF,
    ("api:upload-list", "POST"): users(),
    ("properties:saved", "GET"): users(),
    ("properties:save-listing", "GET"): Access(USERS, about="live"),
    ("properties:save-listing", "POST"): Access(USERS, about="live"),
    ("properties:save-search", "GET"): users(),
    ("properties:save-search", "POST"): users(),
    ("properties:saved-search", "GET"): only(SEEKER, about="saved search"),
    ("properties:saved-search", "POST"): only(SEEKER, about="saved search"),
    ("api:saved-search-list", "GET"): users(),
    ("api:saved-search-list", "POST"): users(),
    ("api:saved-search-detail", "PATCH"): only(SEEKER, about="saved search"),
    ("api:saved-search-detail", "DELETE"): only(SEEKER, about="saved search"),
    ("api:saved-listing-list", "GET"): users(),
    ("api:saved-listing-detail", "PUT"): Access(USERS, about="live"),
    ("api:saved-listing-detail", "DELETE"): only(SEEKER, about="live"),
    # --- moderation
    ("moderation:fix", "GET"): OWNER_ONLY,
    ("moderation:fix-points", "GET"): OWNER_ONLY,
    ("moderation:add-evidence", "POST"): OWNER_ONLY,
    ("moderation:appeal", "GET"): OWNER_ONLY,
    ("moderation:appeal", "POST"): OWNER_ONLY,
    # Closed to nobody who is signed in: whose account is open is told so.
    ("moderation:suspended", "GET"): users(),
    ("moderation:suspended", "POST"): users(),
    ("api:user-appeal", "POST"): users(),
    ("api:risk-own", "GET"): OWNER_OR_STAFF,
    ("api:risk-preview", "POST"): OWNER_OR_STAFF,
    ("api:risk-appeal", "POST"): OWNER_OR_STAFF,
    ("api:case-list", "GET"): staff(),
    ("api:case-claim", "POST"): staff("case"),
    ("api:case-release", "POST"): staff("case"),
    ("api:case-decide", "POST"): staff("case"),
    ("api:risk-detail", "GET"): staff("draft"),
    ("api:risk-override", "POST"): staff("draft"),
    ("api:report-queue", "GET"): staff(),
    ("api:report-decide", "PUT"): staff("report"),
    ("api:review-list", "GET"): staff(),
    ("api:review-detail", "PUT"): staff("draft"),
    ("api:review-prescreen", "POST"): staff("draft"),
    ("api:audit-list", "GET"): staff(),
    # --- flatmates: people
    ("flatmates:welcome", "GET"): Access(USERS, about="welcome"),
    ("flatmates:welcome", "POST"): Access(USERS, about="welcome"),
    ("flatmates:photos", "GET"): users(),
    ("flatmates:photos", "POST"): users(),
    ("flatmates:show", "POST"): Access(USERS, about="pause"),
    ("flatmates:person", "GET"): Access(USERS, about="person"),
    ("flatmates:photo", "GET"): Access(USERS, unknown=404, about="photo of person"),
    ("api:flatmates-bootstrap", "GET"): users(),
    ("api:flatmates-catalogs", "GET"): anybody(),
    ("api:flatmates-profile", "GET"): users(),
    ("api:flatmates-profile", "PUT"): users(),
    ("api:flatmates-profile", "PATCH"): users(),
    ("api:flatmates-profile-pause", "POST"): users(),
    ("api:flatmates-profile-resume", "POST"): users(),
    ("api:flatmates-profile-views", "POST"): users(),
    ("api:flatmates-person-detail", "GET"): Access(USERS, about="person"),
    ("api:flatmates-person-compatibility", "GET"): Access(USERS, about="person"),
    # --- flatmates: swipes
    ("flatmates:people", "GET"): users(),
    ("flatmates:swipe", "POST"): Access(USERS, about="person"),
    ("flatmates:undo-swipe", "POST"): users(),
    ("flatmates:likes", "GET"): users(),
    ("flatmates:unmatch", "POST"): only(SEEKER, POSTER, about="match"),
    ("flatmates:interest", "POST"): Access(USERS, about="live"),
    ("flatmates:vote-tag", "POST"): Access(USERS, about="live"),
    ("api:flatmates-deck-list", "GET"): users(),
    ("api:flatmates-swipe-list", "POST"): users(),
    ("api:flatmates-swipe-undo", "POST"): users(),
    ("api:flatmates-like-list", "GET"): users(),
    ("api:flatmates-outgoing-like-list", "GET"): users(),
    ("api:flatmates-match-list", "GET"): users(),
    ("api:flatmates-match-unmatch", "PUT"): only(SEEKER, POSTER, about="match"),
    ("api:flatmates-listing-society-tags", "GET"): anybody("live"),
    ("api:flatmates-listing-votes", "POST"): Access(USERS, about="live"),
    # --- flatmates: chats
    ("flatmates:chats", "GET"): users(),
    ("flatmates:chat", "GET"): MEMBERS,
    ("flatmates:chat", "POST"): MEMBERS,
    ("flatmates:chat-state", "GET"): MEMBERS,
    ("flatmates:chat-step", "POST"): MEMBERS._replace(about="step of chat"),
    ("flatmates:chat-picture", "GET"): MEMBERS._replace(about="picture of chat"),
    ("api:conversation-list", "GET"): users(),
    ("api:conversation-detail", "GET"): MEMBERS,
    ("api:conversation-mark-read", "POST"): MEMBERS,
    ("api:conversation-archive", "POST"): MEMBERS,
    ("api:conversation-messages", "GET"): MEMBERS,
    ("api:conversation-messages", "POST"): MEMBERS,
    ("api:conversation-qna", "GET"): MEMBERS,
    ("api:conversation-qna", "POST"): MEMBERS,
    # --- flatmates: safety
    ("flatmates:report", "GET"): NOT_ONESELF,
    ("flatmates:report", "POST"): NOT_ONESELF,
    ("flatmates:block", "POST"): NOT_ONESELF,
    ("flatmates:blocked", "GET"): users(),
    ("flatmates:blocked", "POST"): users(),
    ("api:flatmates-block-list", "GET"): users(),
    ("api:flatmates-block-list", "POST"): users(),
    ("api:flatmates-block-detail", "DELETE"): only(SEEKER, about="blocked person"),
    ("api:flatmates-report-list", "POST"): users(),
    # --- viewings
    ("viewings:new", "GET"): ASKING,
    ("viewings:new", "POST"): ASKING,
    ("viewings:index", "GET"): callers(),
    ("viewings:host", "GET"): users(),
    ("viewings:detail", "GET"): VIEWING,
    ("viewings:state", "GET"): VIEWING,
    ("viewings:calendar", "GET"): VIEWING,
    ("viewings:step", "POST"): tuple(
        access._replace(about=f"step of {access.about}") for access in VIEWING
    ),
    # Whoever holds the link acts as the seeker it was made for.
    ("viewings:link", "GET"): BY_LINK,
    ("viewings:link-state", "GET"): BY_LINK,
    ("viewings:link-calendar", "GET"): BY_LINK,
    ("viewings:link-step", "POST"): Access(frozenset(ACTORS), about="link step"),
    ("api:viewing-list", "GET"): callers(),
    ("api:viewing-list", "POST"): callers(),
    ("api:viewing-assistant", "POST"): callers(),
    ("api:viewing-detail", "GET"): VIEWING,
    ("api:viewing-events", "GET"): VIEWING,
    ("api:viewing-calendar", "GET"): VIEWING,
    ("api:viewing-offer", "POST"): VIEWING,
    ("api:viewing-select", "POST"): VIEWING,
    ("api:viewing-confirm", "POST"): NOT_FOR_SEEKERS,
    ("api:viewing-reschedule", "POST"): VIEWING,
    ("api:viewing-cancel", "POST"): VIEWING,
    ("api:viewing-complete", "POST"): NOT_FOR_SEEKERS,
    # Nothing is held against a session.
    ("api:viewing-dispute", "POST"): (
        only(SEEKER, POSTER, ADMIN, about="viewing"),
        Access(
            frozenset({POSTER, ADMIN}),
            about="session's viewing",
            wrong_side=frozenset({SESSION}),
        ),
    ),
    ("api:viewing-notify", "POST"): VIEWING,
    ("api:viewing-meeting-point", "POST"): VIEWING,
    # --- agents
    ("api:agent-list", "GET"): users(),
    ("api:agent-list", "POST"): staff(),
    ("api:agent-assigned", "GET"): users(),
    ("api:agent-workload", "GET"): staff(),
    ("api:agent-detail", "GET"): Access(USERS, about="agent"),
    ("api:agent-detail", "PATCH"): staff("agent"),
    ("api:agent-stats", "GET"): Access(USERS, about="agent"),
    ("api:agent-availability", "PATCH"): Access(
        frozenset({AGENT, ADMIN}), about="agent", wrong_side=USERS - {AGENT, ADMIN}
    ),
    ("api:agent-visits", "GET"): only(AGENT, ADMIN, about="agent"),
    ("api:agent-interactions", "GET"): only(AGENT, ADMIN, about="agent"),
    # Whoever is part of a visit with them says how it was.
    ("api:agent-interactions", "POST"): Access(
        frozenset({SEEKER, POSTER, AGENT, ADMIN}),
        about="agent",
        wrong_side=frozenset({OTHER_POSTER, OUTSIDER}),
    ),
    # --- visits
    ("api:visit-list", "GET"): users(),
    ("api:visit-list", "POST"): users(),
    ("api:visit-upcoming", "GET"): users(),
    ("api:visit-past", "GET"): users(),
    ("api:visit-every", "GET"): users(),
    ("api:visit-detail", "GET"): VISIT,
    ("api:visit-detail", "PATCH"): VISIT,
    ("api:visit-events", "GET"): VISIT,
    ("api:visit-calendar", "GET"): VISIT,
    ("api:visit-confirm", "POST"): VISIT,
    ("api:visit-reschedule", "POST"): VISIT,
    ("api:visit-withdraw", "POST"): VISIT,
    ("api:visit-cancel", "POST"): VISIT,
    ("api:visit-complete", "POST"): only(POSTER, AGENT, ADMIN, about="visit")._replace(
        wrong_side=frozenset({SEEKER})
    ),
    ("api:visit-undo", "POST"): VISIT,
    ("api:visit-assign", "POST"): only(AGENT, ADMIN, about="visit")._replace(
        wrong_side=frozenset({SEEKER, POSTER})
    ),
    ("api:flatmate-visit-detail", "PUT"): VISIT,
    # Without the key there is nothing, whoever asks.
    ("api:calendar-feed", "GET"): Access(frozenset(), unknown=404),
    ("api:calendar-key", "POST"): users(),
    ("api:calendar-key", "DELETE"): users(),
    ("visits:new", "GET"): TOURING,
    ("visits:new", "POST"): TOURING,
    ("visits:meet", "GET"): MEMBERS,
    ("visits:meet", "POST"): MEMBERS,
    ("visits:index", "GET"): users(),
    ("visits:detail", "GET"): VISIT,
    ("visits:state", "GET"): VISIT,
    ("visits:calendar", "GET"): VISIT,
    ("visits:step", "POST"): (
        VISIT._replace(about="step of visit"),
        # How the agent was says the visitor alone.
        only(SEEKER, about="rating of visit")._replace(
            wrong_side=frozenset({POSTER, AGENT, ADMIN})
        ),
    ),
    # Whoever shows no homes has no day of it, our team included.
    ("visits:agent", "GET"): only(AGENT, about=""),
    ("visits:agent-availability", "POST"): only(AGENT, about=""),
    ("calendar:feed", "GET"): users(),
    ("calendar:feed", "POST"): users(),
    # --- safety of visits
    ("visits:shared", "GET"): anybody("visit link"),
    ("visits:share", "POST"): VISIT_PARTIES,
    ("visits:stop-sharing", "POST"): VISIT_PARTIES,
    ("visits:check-in", "POST"): VISIT_PARTIES,
    ("visits:help", "GET"): only(SEEKER, POSTER, AGENT, ADMIN, about="visit"),
    ("visits:arrival", "GET"): VISIT_PARTIES,
    ("visits:arrival", "POST"): VISIT_PARTIES,
    ("visits:dispute", "GET"): VISIT_PARTIES,
    ("visits:dispute", "POST"): VISIT_PARTIES,
    ("api:visit-safety-share", "POST"): VISIT_PARTIES,
    ("api:visit-safety-share", "DELETE"): VISIT_PARTIES,
    ("api:visit-safety-check-in", "GET"): VISIT_PARTIES,
    ("api:visit-safety-check-in", "POST"): VISIT_PARTIES,
    ("api:visit-safety-arrival", "GET"): VISIT_PARTIES,
    ("api:visit-safety-arrival", "POST"): VISIT_PARTIES,
    ("api:visit-safety-dispute", "POST"): VISIT_PARTIES,
}

# What the call carries where an empty form names no step at all.
FORMS = {
    ("properties:listing", "POST"): {"verb": "pause"},
    ("flatmates:swipe", "POST"): {"action": "like"},
    ("flatmates:interest", "POST"): {"action": "like"},
    ("flatmates:vote-tag", "POST"): {"tag": "quiet", "vote": "up"},
}

CELLS = [
    (route, method, access)
    for (route, method), accesses in TABLE.items()
    for access in (
        accesses if isinstance(accesses, tuple) and not isinstance(accesses, Access) else [accesses]
    )
]
