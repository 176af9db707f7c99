from django import forms

from ghar.lib.widgets import TextArea


class Said(forms.Form):
    words = forms.CharField(widget=TextArea, max_length=9)


def test_the_end_of_a_line_is_one_character_as_the_browser_counts_it():
    form = Said({"words": "one\r\ntwo\r\n3"})
    assert form.is_valid()
    assert form.cleaned_data == {"words": "one\ntwo\n3"}


def test_nothing_is_nothing():
    assert not Said({}).is_valid()
