import datetime as dt
import uuid

from django.db import IntegrityError, transaction
import pytest

from ghar.accounts.models import Principal, SeekerSession, User
from ghar.lib import clock
from ghar.realtime import services
from ghar.realtime.models import Event, EventType
from ghar.realtime.tasks import forget_old_events

pytestmark = pytest.mark.django_db


def emit(to: Principal | list[Principal], object_id: uuid.UUID, **kwargs: str) -> None:
    services.emit(
        to=to,
        type=EventType.VIEWING_UPDATED,
        object_type="viewing_request",
        object_id=object_id,
        **kwargs,
    )


def test_each_party_gets_a_row_with_what_the_client_needs(
    seeker_session: SeekerSession, poster: User
) -> None:
    viewing = uuid.uuid4()
    emit([seeker_session, poster], viewing, status="confirmed", route="/viewings/1/")
    assert set(Event.objects.values_list("channel", flat=True)) == {
        seeker_session.event_channel,
        poster.event_channel,
    }
    event = Event.objects.of(poster.event_channel).get()
    assert event.data == {
        "id": str(event.pk),
        "object_type": "viewing_request",
        "object_id": str(viewing),
        "status": "confirmed",
        "route": "/viewings/1/",
    }


def test_one_call_tells_a_person_once_with_its_last_word(seeker: User) -> None:
    viewing = uuid.uuid4()
    emit([seeker, seeker], viewing, status="proposed")
    emit(seeker, viewing, status="confirmed")
    assert Event.objects.get().status == "confirmed"


def test_one_call_tells_of_each_object(seeker: User) -> None:
    emit(seeker, uuid.uuid4())
    emit(seeker, uuid.uuid4())
    assert Event.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_calls_tell_twice(seeker: User) -> None:
    viewing = uuid.uuid4()
    emit(seeker, viewing)
    emit(seeker, viewing)
    assert Event.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_call_that_fails_tells_nobody(seeker: User) -> None:
    with transaction.atomic():
        emit(seeker, uuid.uuid4())
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_an_event_goes_to_one_principal() -> None:
    with pytest.raises(IntegrityError, match="event_channel_is_one_principal"):
        Event.objects.create(channel="everybody", object_id=uuid.uuid4())


def test_telling_nobody_writes_nothing() -> None:
    emit([], uuid.uuid4())
    assert not Event.objects.exists()


def test_places_follow_the_order_in_which_rows_became_visible(seeker: User) -> None:
    emit(seeker, uuid.uuid4())
    late = Event.objects.get()
    Event.objects.all().delete()
    emit(seeker, uuid.uuid4())
    Event.objects.number_pending(seeker.event_channel)
    late.save(force_insert=True)  # made first, committed last
    Event.objects.number_pending(seeker.event_channel)
    assert list(Event.objects.of(seeker.event_channel).after(0))[-1] == late


def test_events_are_forgotten_after_a_week(seeker: User, poster: User) -> None:
    emit([seeker, poster], uuid.uuid4())
    eight_days_ago = clock.now() - dt.timedelta(days=8)
    Event.objects.of(seeker.event_channel).update(created_at=eight_days_ago)
    assert forget_old_events() == 1
    assert Event.objects.get().channel == poster.event_channel
