import datetime as dt

from django.core.management import CommandError, call_command
import pytest
import time_machine

from ghar.lib import clock

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def adjustable(settings):
    settings.CLOCK_ADJUSTABLE = True
    clock.forget_offset()
    yield
    clock.forget_offset()


@time_machine.travel(START, tick=False)
def test_the_clock_moves_on_by_steps():
    call_command("advance_clock", "22h")
    call_command("advance_clock", "1d30m")
    assert clock.now() == START + dt.timedelta(days=1, hours=22, minutes=30)


@time_machine.travel(START, tick=False)
def test_the_clock_moves_to_an_instant_and_back():
    call_command("advance_clock", "--to", "2026-06-01T10:00:00+02:00")
    assert clock.now() == dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC)
    call_command("advance_clock", "--reset")
    assert clock.now() == START


@pytest.mark.parametrize("arguments", [["22 hours"], ["--to", "2026-06-01T10:00:00"], []])
def test_what_is_no_time_is_refused(arguments):
    with pytest.raises(CommandError):
        call_command("advance_clock", *arguments)


def test_production_has_no_moving_clock(settings):
    settings.CLOCK_ADJUSTABLE = False
    with pytest.raises(CommandError):
        call_command("advance_clock", "1h")
