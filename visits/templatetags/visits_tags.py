"""What visits add to the pages of a host, which stand below them."""

from collections.abc import Iterable
from typing import Any
import uuid

from django import template
from django.db.models import Count

from ghar.lib import clock
from ghar.properties.models import Property
from visits.models import Visit

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting_visits(context: dict[str, Any], listings: Iterable[Property]) -> dict[uuid.UUID, int]:
    """`{% waiting_visits listings as visits_for_me %}`: how many tours the reader may confirm."""
    waiting = Visit.objects.waiting_for_host(context["request"].caller, clock.now())
    counts = waiting.filter(listing__in=listings).order_by().values_list("listing")
    return dict(counts.annotate(Count("pk")))
