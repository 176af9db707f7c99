"""Filters and tags for money, times, people and statuses."""

import datetime as dt
from typing import Final

from django import template
from django.conf.locale import LANG_INFO
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from ghar.lib import browsers, clock, formats

register = template.Library()

EN_DASH: Final = "\u2013"

# One tone for each status of a listing, a viewing, a time option and a photo; see .pill in
# static/css/components.css. A word that is not here is shown without colour.
TONES: Final = {
    "draft": "draft",
    "submitted": "checking",
    "hold_for_review": "input",
    "needs_edit": "input",
    "pending_review": "review",
    "live": "live",
    "active": "live",
    "paused": "paused",
    "expired": "expired",
    "rejected": "refused",
    "withdrawn": "let",
    "proposed": "input",
    "rescheduled": "review",
    "confirmed": "live",
    "cancelled": "refused",
    "completed": "let",
    "offered": "checking",
    "selected": "live",
    "processing": "checking",
    "ready": "live",
    "failed": "refused",
}


@register.filter
def money(amount: int | None, currency: str) -> str:
    """`{{ listing.price_amount|money:listing.currency }}`; an unknown amount is a dash."""
    if amount is None or not currency:
        return EN_DASH
    return formats.format_money(amount, currency)


@register.simple_tag(takes_context=True)
def when(
    context: template.Context,
    moment: dt.datetime,
    zone: str,
    until: dt.datetime | None = None,
    reader: str = "",
) -> SafeString:
    """An instant (or a span, with `until`) in the place's zone, and in the reader's if that differs.

    `{% when option.start_at option.timezone until=option.end_at %}`. The reader's zone is `reader`,
    else the signed-in user's.
    """
    place = _in_zone(moment, zone, until)
    reader = reader or getattr(context.get("user"), "timezone", "")
    if not reader or _same_wall_clock(moment, zone, reader):
        return format_html('<span class="when">{}</span>', place)
    return format_html(
        '<span class="when">{}<span class="when__reader">{}</span></span>',
        place,
        _("%(time)s for you") % {"time": _in_words(moment, reader, until)},
    )


@register.filter
def day(moment: dt.datetime | dt.date, pattern: str = "d MMMM y") -> str:
    """`{{ listing.available_from|day }}`, `{{ first|day:"MMMM y" }}`; patterns are those of CLDR."""
    date = timezone.localdate(moment) if isinstance(moment, dt.datetime) else moment
    return formats.format_day(date, pattern)


@register.filter
def as_instant(text: str) -> dt.datetime:
    """An instant out of the details of an error, which are ready for JSON."""
    return dt.datetime.fromisoformat(text)


@register.filter
def language_names(codes: list[str]) -> str:
    """`{{ agent.languages|language_names }}`; one that we do not know stays a code."""
    known = [get_language_info(code) if code in LANG_INFO else None for code in codes]
    names = [
        str(info["name_translated"]) if info else code
        for info, code in zip(known, codes, strict=True)
    ]
    return ", ".join(names)


@register.filter
def relative_time(moment: dt.datetime | None) -> str:
    """As in 3 minutes ago, in 2 days."""
    if moment is None:
        return ""
    return formats.format_distance_in_time(moment, clock.now())


@register.filter
def time_left(moment: dt.datetime) -> str:
    """As in 3 minutes, until then."""
    return formats.format_duration(moment - clock.now())


@register.simple_tag
def ago(moment: dt.datetime) -> SafeString:
    """relative_time inside a `<time>` that machines can read."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), relative_time(moment))


@register.filter
def status_tone(status: str) -> str:
    return TONES.get(str(status), "")


@register.simple_tag
def pill(status: str, label: str) -> SafeString:
    """`{% pill listing.status listing.get_status_display %}`."""
    tone = status_tone(status)
    return format_html('<span class="pill{}">{}</span>', f" pill--{tone}" if tone else "", label)


@register.filter
def browser(user_agent: str) -> str:
    return browsers.browser_name(user_agent)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _in_zone(moment: dt.datetime, zone: str, until: dt.datetime | None) -> SafeString:
    return format_html(
        '<time datetime="{}">{}</time> <span class="when__zone">{}</span>',
        moment.isoformat(),
        _span(moment, zone, until),
        formats.zone_name(zone),
    )


def _in_words(moment: dt.datetime, zone: str, until: dt.datetime | None) -> str:
    return f"{_span(moment, zone, until)} ({formats.zone_name(zone)})"


def _span(moment: dt.datetime, zone: str, until: dt.datetime | None) -> str:
    is_this_year = moment.year == clock.now().year
    start = formats.format_instant(moment, zone, with_year=not is_this_year)
    return f"{start}{EN_DASH}{formats.format_clock(until, zone)}" if until else start


def _same_wall_clock(moment: dt.datetime, one: str, other: str) -> bool:
    return formats.format_instant(moment, one) == formats.format_instant(moment, other)
