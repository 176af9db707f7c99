"""The catalogs of texts: whole, without broken placeholders, and compiled."""

import gettext
import re
import shutil

from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
import pytest

TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FOLDER = settings.LOCALE_PATHS[0]
HOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAGS = re.compile(r"</?\w+")
# "locale" too: a folder of that name would be written to.
SOURCES_ONLY = [".venv", "var", "tests", "bench", "locale"]


def catalog(folder, language):
    with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def forms(text):
    return [text] if isinstance(text, str) else list(text)


def said(message):
    """(id, translation) of every form."""
    ids, texts = forms(message.id), forms(message.string)
    return zip([*ids, *ids[-1:] * (len(texts) - len(ids))], texts, strict=True)


@pytest.fixture(params=TRANSLATED)
def language(request):
    return request.param


@pytest.fixture
def messages(language):
    return [message for message in catalog(FOLDER, language) if message.id]


def test_every_text_is_translated(messages):
    missing = [m.id for m in messages if m.fuzzy or not all(forms(m.string))]
    assert missing == []


def test_no_placeholder_and_no_tag_is_lost(messages):
    """A count may be left out of the form for one; nothing else may be missing or made up."""
    broken = []
    for message in messages:
        for text_id, text in said(message):
            held, wanted = HOLDERS.findall(text), HOLDERS.findall(text_id)
            is_same = sorted(held) == sorted(wanted)
            if message.pluralizable:
                is_same = set(held) <= {each for t in message.id for each in HOLDERS.findall(t)}
            if not is_same or sorted(TAGS.findall(text)) != sorted(TAGS.findall(text_id)):
                broken.append((text_id, text))
    assert broken == []


def test_the_catalog_is_compiled(language, messages):
    with (FOLDER / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    old = []
    for message in messages:
        if message.pluralizable:
            shown = [compiled.ngettext(*message.id, number) for number in (1, 5)]
        else:
            shown = [compiled.gettext(message.id)]
        if shown != forms(message.string):
            old.append(message.id)
    assert old == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed")
def test_no_text_of_the_code_is_left_out(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(settings.BASE_DIR)
    settings.LOCALE_PATHS = [tmp_path]
    (tmp_path / "fr").mkdir()
    call_command("makemessages", locale=["fr"], ignore_patterns=SOURCES_ONLY, verbosity=0)
    asked = {message.id for message in catalog(tmp_path, "fr") if message.id}
    known = {message.id for message in catalog(FOLDER, "fr") if message.id}
    assert (asked - known, known - asked) == (set(), set())


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("hi", "घर"), ("fr", "logement"), ("rw", "inzu")])
def test_pages_speak_the_reader_s_language(client, language, words):
    answer = client.get(reverse("properties:search"), headers={"accept-language": language})
    assert f'<html lang="{language}">' in answer.text
    assert words in answer.text
