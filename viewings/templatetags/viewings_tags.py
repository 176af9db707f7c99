"""What viewings add to the pages of a host, which stand below them."""

from collections.abc import Iterable
from typing import Any
import uuid

from django import template
from django.db.models import Count

from ghar.lib.rls import acting_for
from ghar.properties.models import Property
from viewings.models import ViewingRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting_viewings(context: dict[str, Any], listings: Iterable[Property]) -> dict[uuid.UUID, int]:
    """`{% waiting_viewings listings as viewings_for_me %}`: how many requests wait for the reader."""
    host = context["request"].caller
    with acting_for(host):
        waiting = ViewingRequest.objects.hosted_by(host).waiting_for_poster()
        counts = waiting.filter(listing__in=listings).order_by().values_list("listing")
        return dict(counts.annotate(Count("pk")))
