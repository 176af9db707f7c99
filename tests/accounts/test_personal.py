"""Every column that can tell something about a person is in the registry, with its fate."""

from django.apps import apps
from django.db import models
import pytest

from ghar.accounts.models import SeekerSession, User
from ghar.accounts.personal import EXPORTERS, FIELDS, Rule

OWN = ("ghar", "moderation", "viewings", "visits", "flatmates")
# By themselves these say nothing about anybody: flags, numbers, moments, and links between rows.
SILENT = (models.BooleanField, models.IntegerField, models.DateField, models.DurationField)


def telling_columns(model):
    for field in model._meta.local_concrete_fields:
        if field.primary_key or field.choices or isinstance(field, SILENT):
            continue
        if field.is_relation and field.related_model not in {User, SeekerSession}:
            continue
        yield field.name


def own_models():
    return [m for m in apps.get_models() if m.__module__.split(".")[0] in OWN]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_telling_column_is_registered(model):
    registered = FIELDS.get(model._meta.label, {})
    assert sorted(set(telling_columns(model)) - set(registered)) == []


def test_every_registered_column_exists():
    gone = [
        f"{label}.{name}"
        for label, fates in FIELDS.items()
        for name in fates
        if name not in {field.name for field in apps.get_model(label)._meta.local_concrete_fields}
    ]
    assert gone == []


def test_what_stays_has_a_reason():
    unexplained = [
        f"{label}.{name}"
        for label, fates in FIELDS.items()
        for name, fate in fates.items()
        if fate.rule in {Rule.KEEP, Rule.PSEUDONYMISE} and not fate.reason
    ]
    assert unexplained == []


def test_every_app_that_holds_personal_data_exports_it():
    assert set(EXPORTERS) >= {"account", "notifications", "audit"}
