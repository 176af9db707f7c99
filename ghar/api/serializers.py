"""Serializers that refuse what they do not know instead of dropping it."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class AwareDateTimeField(serializers.DateTimeField):
    """An instant with its offset; a naive time is refused, never guessed."""

    default_error_messages = {
        "naive": _("Please give the offset, as in 2026-05-01T10:00:00+02:00.")
    }

    def to_internal_value(self, value: Any) -> Any:
        # ISO 8601 knows a small z and t too, Python the capitals alone.
        return super().to_internal_value(value.upper() if isinstance(value, str) else value)

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            self.fail("naive")
        try:
            moment = value.astimezone(dt.UTC)
        except (OverflowError, ValueError):
            self.fail("invalid", format="ISO 8601")
        # Else there would be zones in which it cannot be shown.
        if moment.year in (dt.MINYEAR, dt.MAXYEAR):
            self.fail("invalid", format="ISO 8601")
        return moment


class StrictSerializer(serializers.Serializer):
    """Unknown and server-owned fields are errors (the API never ignores what it was sent), and so
    is a number in place of a text (in a list of texts it becomes one).
    """

    def to_internal_value(self, data: Any) -> Any:
        is_object = isinstance(data, dict) or hasattr(data, "keys")
        if is_object and (problems := self._unknown(data) or self._numbers(data)):
            raise serializers.ValidationError(problems)
        return super().to_internal_value(data)

    def _unknown(self, data: Any) -> dict[str, Any]:
        writable = {field.field_name for field in self._writable_fields}
        message = _("This field is unknown here, or set by the server alone.")
        return {name: [message] for name in sorted(set(data) - writable)}

    def _numbers(self, data: Any) -> dict[str, Any]:
        return {
            name: [field.error_messages["invalid"]]
            for name, field in self.fields.items()
            if isinstance(field, serializers.CharField) and isinstance(data.get(name), int | float)
        }


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer):
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: AwareDateTimeField,
    }


class NothingSerializer(StrictSerializer):
    """An empty body."""


class ErrorDetailSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class ErrorSerializer(serializers.Serializer):
    """The body of every answer from 400 on."""

    error = ErrorDetailSerializer()
