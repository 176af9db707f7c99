from typing import Any

from django import template

from ghar.lib import clock
from visits.models import Visit
from visits.services.assigning import URGENT

register = template.Library()


@register.inclusion_tag("admin/visits/_desk.html")
def visits_desk() -> dict[str, Any]:
    """How many wait for an agent, and for how many of them it is late."""
    now = clock.now()
    waiting = Visit.objects.unassigned().upcoming(now)
    urgent = waiting.filter(scheduled_date__lt=now + URGENT)
    return {"waiting": waiting.count(), "urgent": urgent.count()}
