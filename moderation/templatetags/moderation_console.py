from typing import Any

from django import template
from django.db.models import Count

from ghar.accounts.models import User
from ghar.lib import clock
from moderation.models import Case, Sanction
from moderation.states import CaseKind

register = template.Library()


@register.inclusion_tag("admin/moderation/_dashboard.html", takes_context=True)
def review_dashboard(context: template.Context) -> dict[str, Any]:
    """What waits for reviewers: mine, overdue, and how many of each kind."""
    user: User = context["request"].user
    now = clock.now()
    waiting = Case.objects.open()
    counts = dict(waiting.values_list("kind").annotate(n=Count("pk")).order_by())
    return {
        "mine": Case.objects.queue().filter(claimed_by=user, claimed_until__gt=now),
        "overdue": waiting.overdue(now).count(),
        "kinds": [(kind, kind.label, counts.get(kind, 0)) for kind in CaseKind],
        "unconfirmed": Sanction.objects.unconfirmed().select_related("person", "made_by"),
        "csrf_token": context.get("csrf_token"),
    }
