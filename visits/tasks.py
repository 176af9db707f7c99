from celery import shared_task

from ghar.lib import clock
from visits.services import assigning, closing, follow_ups, reminders, safety
from visits.states import AssignmentTrigger


@shared_task(name="visits.send_due_reminders")
def send_due_reminders() -> int:
    return reminders.send_due_reminders()


@shared_task(name="visits.close_past_visits")
def close_past_visits() -> int:
    now = clock.now()
    return closing.expire_unagreed(now) + closing.complete_past(now)


@shared_task(name="visits.remind_of_follow_ups")
def remind_of_follow_ups() -> int:
    return follow_ups.remind_of_follow_ups(now=clock.now())


@shared_task(name="visits.assign_waiting")
def assign_waiting(trigger: str = AssignmentTrigger.SWEEP.value) -> int:
    """Visits that wait for an agent, and those of agents who cannot come any more."""
    return assigning.assign_waiting(now=clock.now(), trigger=trigger)


@shared_task(name="visits.ask_how_it_goes")
def ask_how_it_goes() -> int:
    return safety.ask_how_it_goes(now=clock.now())
