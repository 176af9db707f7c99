import traceback
from tests.viewings.test_machine import *
orig=Viewings.reminders_wait_for_what_is_confirmed_and_for_nothing_else
class V2(Viewings):
    @invariant()
    def dump(self):
        now=clock.now()
        for v in ViewingRequest.objects.confirmed().for_detail():
            s=v.chosen.start_at
            ahead=[h for h in (24,2) if s-dt.timedelta(hours=h)>now]
            if ahead and not Reminder.objects.due().filter(entry__subject_id=v.pk,due_at__gt=now).exists():
                print("BAD", now, s, [ (r.kind,r.channel,r.state,r.schedule_seq,r.due_at,r.recipient[:12]) for r in Reminder.objects.filter(entry__subject_id=v.pk)], list(v.events.values_list("event_type","created_at")), list(CalendarEntry.objects.filter(subject_id=v.pk).values()))
class TestV2(TestCase, V2.TestCase): pass
TestV2.settings=settings(max_examples=30,stateful_step_count=25,deadline=None,suppress_health_check=list(HealthCheck))
del TestViewings
