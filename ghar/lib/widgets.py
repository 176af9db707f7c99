"""Inputs of forms that read what a browser sends as the site keeps it."""

from typing import Any

from django import forms


class _LineEnds:
    """Browsers send a line's end as two characters and count it as one, and so do we: else a text
    that the page let pass is too long, and one that nobody touched differs from what is stored.
    """

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)  # type: ignore[misc]
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class TextArea(_LineEnds, forms.Textarea):
    """For texts of several lines."""


def words_in(form: forms.Form) -> list[str]:
    """The texts of several lines that somebody has written, to be shown where their form goes away."""
    if not form.is_valid():
        return []
    texts = [n for n, field in form.fields.items() if isinstance(field.widget, TextArea)]
    return [form.cleaned_data[name] for name in texts if name in form.changed_data]


class HiddenText(_LineEnds, forms.HiddenInput):
    """The same, for a text that a page brings back."""
