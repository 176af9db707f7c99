import datetime as dt
import uuid

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
import pytest

from ghar.calendar.models import Claim, Resource, ResourceKind, Subject
from ghar.calendar.services import claims
from ghar.calendar.services.alternatives import suggest_alternatives
from ghar.calendar.services.busy import BusyTimes
from ghar.calendar.services.claims import PartyKeys, ResourceKey
from ghar.errors import SlotTaken

pytestmark = pytest.mark.django_db

TEN = dt.datetime(2027, 5, 3, 8, tzinfo=dt.UTC)  # a Monday, ten in Kigali
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def subject() -> Subject:
    return Subject("viewing", uuid.uuid4())


@pytest.fixture
def people():
    return [ResourceKey(ResourceKind.PERSON, uuid.uuid4()) for _ in range(2)]


@pytest.fixture
def keys(people):
    return PartyKeys(people, claims.seats_of(uuid.uuid4()))


@pytest.fixture
def party(keys):
    return claims.lock_party(keys)


def span(start=TEN, length=HOUR):
    return start, start + length


def test_resources_are_made_once_and_come_in_the_order_of_their_keys(people):
    first, second = claims.find_resources(people)
    assert claims.find_resources(reversed(people)) == [second, first]
    assert Resource.objects.count() == 2


def test_a_booked_time_is_taken(party):
    claims.book_time(subject=subject(), party=party, span=span())
    for start in (TEN - 59 * MINUTE, TEN, TEN + 59 * MINUTE):
        with pytest.raises(SlotTaken):
            claims.book_time(subject=subject(), party=party, span=span(start))


def test_times_may_touch(party):
    claims.book_time(subject=subject(), party=party, span=span())
    claims.book_time(subject=subject(), party=party, span=span(TEN + HOUR))
    assert Claim.objects.active().count() == 6


def test_a_released_time_is_free(party):
    mine = subject()
    claims.book_time(subject=mine, party=party, span=span())
    assert claims.release(mine) == 3
    claims.book_time(subject=subject(), party=party, span=span())


def test_one_busy_person_is_enough_to_refuse(people, party):
    elsewhere = claims.lock_party(PartyKeys(people[:1], claims.seats_of(uuid.uuid4())))
    claims.book_time(subject=subject(), party=elsewhere, span=span())
    with pytest.raises(SlotTaken):
        claims.hold_time(subject=subject(), party=party, span=span(), until=TEN)


def test_seats_are_given_one_by_one():
    seats = claims.seats_of(uuid.uuid4(), 2)
    for _ in range(2):
        person = ResourceKey(ResourceKind.PERSON, uuid.uuid4())
        claims.book_time(
            subject=subject(), party=claims.lock_party(PartyKeys([person], seats)), span=span()
        )
    last = claims.lock_party(PartyKeys([ResourceKey(ResourceKind.PERSON, uuid.uuid4())], seats))
    with pytest.raises(SlotTaken):
        claims.book_time(subject=subject(), party=last, span=span())


def test_a_hold_takes_only_what_is_not_agreed_already(party):
    mine = subject()
    claims.book_time(subject=mine, party=party, span=span())
    wider = (TEN - 30 * MINUTE, TEN + HOUR + 30 * MINUTE)
    claims.hold_time(subject=mine, party=party, span=wider, until=TEN)
    held = Claim.objects.active().of(mine).filter(hold_until=TEN)
    assert held.count() == 6
    assert claims.release_hold(mine) == 6
    assert {c.busy.lower for c in Claim.objects.active().of(mine)} == {TEN}


def test_booking_replaces_whatever_the_subject_had(party):
    mine = subject()
    claims.book_time(subject=mine, party=party, span=span())
    claims.hold_time(subject=mine, party=party, span=span(TEN + 30 * MINUTE), until=TEN)
    claims.book_time(subject=mine, party=party, span=span(TEN + 30 * MINUTE))
    assert {c.busy.lower for c in Claim.objects.active().of(mine)} == {TEN + 30 * MINUTE}
    assert Claim.objects.active().count() == 3


def test_claims_move_to_another_resource_unless_they_overlap(people, party):
    source, target = people[0], ResourceKey(ResourceKind.PERSON, uuid.uuid4())
    staying, moving = subject(), subject()
    claims.book_time(subject=staying, party=party, span=span())
    claims.book_time(subject=moving, party=party, span=span(TEN + 2 * HOUR))
    busy = claims.lock_party(PartyKeys([target], claims.seats_of(uuid.uuid4())))
    claims.book_time(subject=subject(), party=busy, span=span())
    assert claims.move_claims(source=source, target=target) == {staying}
    moved = Claim.objects.of(moving).filter(resource__owner_id=target.owner_id)
    assert moved.count() == 1


# --- what the database forbids ----------------------------------------------------------------------
def claim(resource, busy, **more):
    return Claim.objects.create(
        resource=resource, busy=busy, subject_type="viewing", subject_id=uuid.uuid4(), **more
    )


def test_the_database_refuses_overlapping_claims(party):
    busy = DateTimeTZRange(*span())
    claim(party.people[0], busy)
    claim(party.people[1], busy)
    claim(party.people[0], busy, active=False)
    with pytest.raises(IntegrityError, match="claim_no_overlap"), transaction.atomic():
        claim(party.people[0], DateTimeTZRange(TEN + 59 * MINUTE, TEN + 2 * HOUR))


def test_the_database_refuses_an_empty_claim(party):
    with pytest.raises(IntegrityError, match="claim_busy_not_empty"), transaction.atomic():
        claim(party.people[0], DateTimeTZRange(TEN, TEN))


def test_the_look_uses_the_index_of_the_constraint(party):
    """Among many claims; a predicate that differs from the constraint's would read them all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO calendar_resources (kind, owner_id, seat)"
            " SELECT 'person', gen_random_uuid(), 1 FROM generate_series(1, 300)"
        )
        cursor.execute(
            "INSERT INTO calendar_claims (id, resource_id, busy, active, subject_type, subject_id,"
            " created_at) SELECT gen_random_uuid(), r.id, tstzrange(%s::timestamptz + n * '1 day'::interval,"
            " %s::timestamptz + n * '1 day'::interval + '1 hour'::interval), true, 'viewing',"
            " gen_random_uuid(), %s FROM calendar_resources r, generate_series(1, 20) n",
            [TEN] * 3,
        )
        cursor.execute("ANALYZE calendar_claims")
    look = Claim.objects.overlapping(party.resources, DateTimeTZRange(*span()))
    assert "claim_no_overlap" in look.explain()


# --- what is still free -------------------------------------------------------------------------------
def suggest(keys, wanted=None, *, timezone="Africa/Kigali", now=TEN - 48 * HOUR):
    found = suggest_alternatives(
        subject=subject(),
        keys=keys,
        wanted=wanted or span(),
        timezone=timezone,
        bookable=(now, now + dt.timedelta(days=180)),
    )
    return [dt.datetime.fromisoformat(one["start_at"]) for one in found]


def test_three_near_times_that_can_be_booked(party, keys):
    claims.book_time(subject=subject(), party=party, span=span())
    found = suggest(keys)
    assert found == [TEN - HOUR, TEN + HOUR, TEN + 2 * HOUR]
    for start in found:
        claims.book_time(subject=subject(), party=party, span=span(start))


def test_a_full_day_leads_to_the_next(party, keys):
    claims.book_time(subject=subject(), party=party, span=(TEN - 8 * HOUR, TEN + 14 * HOUR))
    found = suggest(keys)
    assert len(found) == 3
    assert TEN.date() not in {start.date() for start in found}


def test_full_weeks_lead_to_a_later_one(party, keys):
    full = (TEN - 48 * HOUR, TEN + 20 * 24 * HOUR)
    claims.book_time(subject=subject(), party=party, span=full)
    found = suggest(keys)
    assert len(found) == 3
    assert dt.timedelta(0) <= min(found) - full[1] < 24 * HOUR


@pytest.mark.parametrize("hours", [-9, -1, 0, 4, 8, 13])
def test_the_nearest_come_first_before_and_after(party, keys, hours):
    wanted = TEN + hours * HOUR
    claims.book_time(subject=subject(), party=party, span=span(wanted))
    found = suggest(keys, span(wanted))
    far = max(abs(start - wanted) for start in found)
    # What is nearer and was not taken is not free, or overlaps one that was.
    busy = [wanted, *found]
    nearer = [one for one in every_half_hour() if abs(one - wanted) < far]
    assert all(any(abs(one - other) < HOUR for other in busy) for one in nearer)


def every_half_hour():
    """From two days before until a week after, 9 to 19 on the clocks of Kigali."""
    steps = (TEN - 48 * HOUR + n * HOUR / 2 for n in range(24 * 2 * 9))
    kigali = ((step, step + 2 * HOUR) for step in steps)
    return [step for step, local in kigali if dt.time(9) <= local.time() <= dt.time(19)]


def test_alternatives_lie_in_sensible_hours_of_the_place(keys):
    late = TEN + 13 * HOUR
    assert {start.hour + 2 for start in suggest(keys, span(late))} <= set(range(9, 20))


def test_times_that_a_clock_change_skips_are_not_offered(party, keys, monkeypatch):
    from ghar.calendar.services import alternatives  # noqa: PLC0415

    monkeypatch.setattr(alternatives, "FIRST_HOUR", dt.time(2))
    monkeypatch.setattr(alternatives, "LAST_HOUR", dt.time(2, 30))
    # In Berlin the hour from two to three does not exist on 28 March 2027.
    wanted = dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC)
    found = suggest(keys, span(wanted), timezone="Europe/Berlin", now=wanted - 48 * HOUR)
    assert dt.date(2027, 3, 28) not in {start.date() for start in found}


def test_busy_times_leave_a_seat(party, keys):
    mine = subject()
    claims.book_time(subject=mine, party=party, span=span())
    window = (TEN, TEN + 3 * HOUR)
    others = BusyTimes(subject=subject(), keys=keys, window=window)
    assert not others.leave_free(span())
    assert others.leave_free(span(TEN + HOUR))
    assert BusyTimes(subject=mine, keys=keys, window=window).leave_free(span())
