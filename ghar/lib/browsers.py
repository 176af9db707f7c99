"""What somebody calls the browser that they sit at, out of what it says of itself."""

from typing import Final

from django.utils.translation import gettext as _

# The first that is found: each pretends to be those that come after it.
_BROWSERS: Final = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def browser_name(user_agent: str) -> str:
    """ "Chrome on Android"; for a program that says less, just that."""
    browser = _first(_BROWSERS, user_agent) or _("Another program")
    system = _first(_SYSTEMS, user_agent)
    return (
        _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
        if system
        else browser
    )


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for mark, name in names.items() if mark in user_agent), "")
