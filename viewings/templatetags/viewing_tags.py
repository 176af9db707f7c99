import datetime as dt

from django import template

register = template.Library()


@register.filter
def as_instant(text: str) -> dt.datetime:
    """An instant out of the details of an error, which are ready for JSON."""
    return dt.datetime.fromisoformat(text)
