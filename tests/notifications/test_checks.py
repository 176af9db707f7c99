"""A wrong key, URL or mail server stops at `manage.py check`."""

import pytest

from ghar.checks import check_ways_out

KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"


@pytest.mark.parametrize("key", ["", KEY, f"{KEY}="])
def test_a_key_that_can_be_used_is_fine(settings, key):
    settings.VAPID_PRIVATE_KEY = key
    assert check_ways_out() == []


@pytest.mark.parametrize("key", ["short", "A" * 43, "_" * 43, "x", KEY + KEY])
def test_a_wrong_key_is_named(settings, key):
    settings.VAPID_PRIVATE_KEY = key
    assert [error.id for error in check_ways_out()] == ["ghar.E004"]


@pytest.mark.parametrize(
    ("urls", "wrong"),
    [
        ({"sms": "twilio://sid:token@from/{address}"}, []),
        ({"sms": "twilio://sid:token@from/"}, ["ghar.E005"]),
        ({"pigeon": "json://loft/{address}"}, ["ghar.E005"]),
        ({"web_push": "json://loft/{address}"}, ["ghar.E005"]),
    ],
)
def test_a_url_that_leads_nowhere_is_named(settings, urls, wrong):
    settings.APPRISE_URLS = urls
    assert [error.id for error in check_ways_out()] == wrong


@pytest.mark.parametrize(("ssl", "wrong"), [(False, []), (True, ["ghar.E007"])])
def test_two_ways_to_encrypt_one_connection_are_named(settings, ssl, wrong):
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = True, ssl
    assert [error.id for error in check_ways_out()] == wrong
