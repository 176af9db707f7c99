"""What moderation adds to the pages of a poster, which stand below it."""

from django import template

from ghar.lib.rls import acting_for
from ghar.properties.models import Property
from moderation.services import summary

register = template.Library()


@register.simple_tag(takes_context=True)
def open_points(context: template.Context, listing: Property) -> int:
    """`{% open_points listing as open_count %}`: what the poster may still settle."""
    with acting_for(context["request"].caller):
        return summary.open_points(listing)
