from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ghar.accounts.models import User
from ghar.properties.models import Property
from moderation.states import ReasonCode


def person_key(name: str, **options: Any) -> models.ForeignKey:
    return models.ForeignKey(User, **{"on_delete": models.CASCADE, "related_name": name, **options})


def listing_key(name: str, **options: Any) -> models.ForeignKey:
    options |= {"db_column": "property_id", "related_name": name}
    return models.ForeignKey(Property, models.CASCADE, **options)


def staff_key() -> models.ForeignKey:
    return models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")


def reason_list(choices: Any = ReasonCode.choices) -> ArrayField:
    code = models.CharField(max_length=30, choices=choices)
    return ArrayField(code, verbose_name=_("reasons"), default=list, blank=True)


class OwnedListing(models.Model):
    """A row about a listing. `owner_id` is copied so that a policy needs no join."""

    listing = listing_key("+", db_index=False)
    owner_id = models.UUIDField(editable=False)

    class Meta:
        abstract = True
