"""Who is shown, who waits, and that nobody who is kept out of sight comes back by himself."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
import pytest

from flatmates.models import Profile, ProfileView
from flatmates.services import profile_review, profile_views, profiles
from flatmates.states import PauseReason, ProfileStatus
from ghar.audit.models import AuditEvent
from ghar.errors import Conflict, Invalid, InvalidTransition, NotAllowed, NotFound
from ghar.lib import clock
from ghar.lib.actors import SYSTEM
from ghar.lib.geo import Point
from ghar.notifications.models import Notification
from ghar.properties.models import GeocodeJob
from ghar.properties.services.geocoding import run_due_geocoding
from tests.factories import AdminFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

COMPLETE = {"mode": "co_hunter", "city": "Kigali", "age": 27, "onboarding_completed": True}
SPAM = "Call me on +250 788 123 456"
CLEAN = "I like quiet evenings."


def update(user, **changes):
    return profiles.update_profile(by=user, changes=changes)


def status_of(profile):
    return Profile.objects.get(pk=profile.pk).status


# --- Publishing -----------------------------------------------------------------------------------
@pytest.mark.parametrize("field", ["bio", "profession", "city", "locality", "vibe_tags"])
def test_a_phone_number_in_any_words_that_others_read_waits_for_a_moderator(seeker, field):
    words = [SPAM[:30]] if field == "vibe_tags" else SPAM
    profile = update(seeker, **COMPLETE | {field: words})
    assert (profile.status, profile.flags) == ("pending_review", ["CONTACT_IN_TEXT"])


def test_a_complete_profile_with_clean_words_is_active_at_once(seeker):
    profile = update(seeker, **COMPLETE, bio=CLEAN)
    assert (profile.status, profile.flags) == ("active", [])
    assert AuditEvent.objects.get(action="profile_published").target_id == str(profile.pk)


@pytest.mark.parametrize("missing", COMPLETE)
def test_without_one_of_these_it_stays_a_draft(seeker, missing):
    said = {name: value for name, value in COMPLETE.items() if name != missing}
    assert update(seeker, **said).status == "draft"


@pytest.mark.parametrize("field", ["bio", "profession", "vibe_tags"])
def test_flagged_words_wait_for_a_moderator(seeker, field):
    text = ["call 0788 123 456"] if field == "vibe_tags" else SPAM
    profile = update(seeker, **COMPLETE | {field: text})
    assert (profile.status, profile.flags) == ("pending_review", ["CONTACT_IN_TEXT"])


def test_a_private_word_is_not_judged(seeker):
    assert update(seeker, **COMPLETE, native_place=SPAM).status == "active"


def test_cleaning_the_words_of_a_draft_publishes_it(seeker):
    update(seeker, bio=SPAM)
    assert update(seeker, **COMPLETE, bio=CLEAN).status == "active"


def test_emptying_what_is_needed_takes_an_active_one_back(seeker):
    update(seeker, **COMPLETE)
    assert update(seeker, age=None).status == "draft"
    assert update(seeker, age=30).status == "active"


def test_new_words_of_an_active_one_are_judged(seeker):
    update(seeker, **COMPLETE)
    assert update(seeker, bio=SPAM).status == "pending_review"


def test_the_version_rises_with_words_alone(seeker):
    first = update(seeker, **COMPLETE).content_version
    assert update(seeker, budget_max=200_000).content_version == first
    assert update(seeker, bio=CLEAN).content_version == first + 1
    assert update(seeker, bio=CLEAN).content_version == first + 1


def test_blank_clears(seeker):
    update(seeker, linkedin_url="https://example.org/me", budget_min=1, budget_max=2)
    profile = update(seeker, linkedin_url="", budget_min=None, budget_max=None)
    assert (profile.linkedin_url, profile.budget_min, profile.budget_max) == ("", None, None)


def test_a_budget_has_its_ends_in_order_across_two_calls(seeker):
    update(seeker, budget_min=200)
    with pytest.raises(Invalid):
        update(seeker, budget_max=100)


def test_the_currency_is_that_of_the_city_unless_it_is_said(seeker, poster):
    assert update(seeker, city="Kigali").currency == "RWF"
    assert update(poster, city="Bengaluru", currency="RWF").currency == "RWF"


def test_strict_is_said_of_a_deal_breaker_and_goes_with_it(seeker):
    with pytest.raises(Invalid):
        update(seeker, strict_non_negotiables=["no_pets"])
    update(seeker, non_negotiables=["no_pets"], strict_non_negotiables=["no_pets"])
    assert update(seeker, non_negotiables=[]).strict_non_negotiables == []


# --- Nobody restores himself ------------------------------------------------------------------------
def kept_down(**fields):
    return ProfileFactory(**{"bio": SPAM, "flags": ["CONTACT_IN_TEXT"]} | fields)


@pytest.mark.parametrize(
    ("before", "after"), [("pending_review", "pending_review"), ("rejected", "pending_review")]
)
def test_cleaned_words_of_who_waits_or_was_refused_still_wait(before, after):
    profile = kept_down(status=before)
    cleaned = update(profile.user, **COMPLETE, bio=CLEAN)
    assert (cleaned.status, cleaned.flags) == (after, [])


@pytest.mark.parametrize("status", ["pending_review", "rejected", "draft"])
def test_nobody_resumes_out_of_another_state_than_the_pause(status):
    profile = kept_down(status=status)
    with pytest.raises(InvalidTransition):
        profiles.resume_profile(profile=profile, by=profile.user)
    assert status_of(profile) == status


def test_who_is_paused_by_moderation_comes_back_by_no_call_of_his_own():
    profile = ProfileFactory()
    hold(profile)
    assert update(profile.user, **COMPLETE | {"age": 40}, bio=CLEAN).status == "paused"
    with pytest.raises(InvalidTransition):
        profiles.resume_profile(profile=profile, by=profile.user)
    assert profiles.pause_profile(profile=profile, by=profile.user).is_paused_by_moderation
    assert status_of(profile) == "paused"


def test_a_held_draft_is_not_published_by_finishing_it():
    profile = ProfileFactory(status="draft", age=None)
    hold(profile)
    assert update(profile.user, age=30).status == "draft"


def test_a_suspended_person_changes_nothing():
    profile = ProfileFactory(user=UserFactory(suspended_at=clock.now()))
    with pytest.raises(NotAllowed):
        update(profile.user, bio=CLEAN)


@pytest.mark.parametrize("status", ["paused", "pending_review", "rejected"])
def test_who_is_out_of_sight_cannot_be_emptied_and_come_back_so(status):
    profile = ProfileFactory(status=status)
    with pytest.raises(Invalid) as refused:
        update(profile.user, city="")
    assert list(refused.value.details["fields"]) == ["city"]


def test_words_that_were_changed_in_the_pause_are_judged_on_the_way_back():
    profile = ProfileFactory()
    profiles.pause_profile(profile=profile, by=profile.user)
    assert update(profile.user, bio=SPAM).status == "paused"
    assert profiles.resume_profile(profile=profile, by=profile.user).status == "pending_review"


# --- Pause ------------------------------------------------------------------------------------------
def test_one_pauses_and_comes_back_and_a_repeat_changes_nothing():
    profile = ProfileFactory()
    for _again in range(2):
        paused = profiles.pause_profile(profile=profile, by=profile.user)
        assert (paused.status, paused.pause_reason) == ("paused", "owner")
    for _again in range(2):
        back = profiles.resume_profile(profile=profile, by=profile.user)
        assert (back.status, back.pause_reason) == ("active", "")
    assert AuditEvent.objects.filter(action="profile_paused").count() == 1


def hold(profile, reason=PauseReason.REPORTS):
    profile_review.hold_profile(person=profile.user, reason=reason, by=SYSTEM, now=clock.now())


def release(profile, reason=PauseReason.REPORTS):
    profile_review.release_profile(person=profile.user, reason=reason, by=SYSTEM, now=clock.now())


def test_moderation_holds_and_releases():
    profile = ProfileFactory()
    hold(profile)
    assert status_of(profile) == "paused"
    release(profile)
    profile.refresh_from_db()
    assert (profile.status, profile.is_paused_by_moderation) == ("active", False)


def test_what_the_owner_had_paused_stays_paused_after_the_release():
    profile = ProfileFactory()
    profiles.pause_profile(profile=profile, by=profile.user)
    hold(profile)
    with pytest.raises(InvalidTransition):
        profiles.resume_profile(profile=profile, by=profile.user)
    release(profile)
    assert status_of(profile) == "paused"
    assert profiles.resume_profile(profile=profile, by=profile.user).status == "active"


def test_what_one_reason_holds_another_does_not_release():
    profile = ProfileFactory()
    hold(profile)
    hold(profile, PauseReason.SUSPENDED)
    release(profile, PauseReason.SUSPENDED)
    assert status_of(profile) == "paused"


def test_a_person_without_a_profile_can_be_held(seeker):
    profile_review.hold_profile(
        person=seeker, reason=PauseReason.REPORTS, by=SYSTEM, now=clock.now()
    )
    assert Profile.objects.count() == 0


# --- Move-in --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "status"), [("Pacific/Auckland", "paused"), ("America/Los_Angeles", "active")]
)
def test_the_day_is_over_where_the_person_is_and_today_is_not(zone, status):
    now = dt.datetime(2026, 11, 22, 1, tzinfo=dt.UTC)  # in Los Angeles still the 21st
    user = UserFactory(timezone=zone)
    profile = ProfileFactory(user=user, move_in_date=dt.date(2026, 11, 21))
    profile_review.pause_passed_move_ins(now=now)
    assert status_of(profile) == status


def test_the_sweep_says_why_once_and_a_new_day_is_the_way_back():
    yesterday = clock.now().date() - dt.timedelta(days=2)
    profile = ProfileFactory(move_in_date=yesterday)
    assert [profile_review.pause_passed_move_ins(now=clock.now()) for _ in range(2)] == [1, 0]
    profile.refresh_from_db()
    assert profile.pause_reason == "move_in_passed"
    told = Notification.objects.get(user=profile.user)
    assert (told.type, told.route) == ("profile_review", "/me/")
    with pytest.raises(Conflict) as refused:
        profiles.resume_profile(profile=profile, by=profile.user)
    assert refused.value.code == "MOVE_IN_PASSED"
    update(profile.user, move_in_date=clock.now().date() + dt.timedelta(days=9))
    assert profiles.resume_profile(profile=profile, by=profile.user).status == "active"


# --- Review ---------------------------------------------------------------------------------------
def review(profile, action, by, note="Please take the number out."):
    version = Profile.objects.get(pk=profile.pk).content_version
    return profile_review.review_profile(
        profile=profile, action=action, version=version, note=note, by=by
    )


@pytest.mark.parametrize(
    ("action", "status", "audited"),
    [
        ("approve", "active", "profile_approved"),
        ("reject", "rejected", "profile_rejected"),
        ("request_edit", "pending_review", "profile_edit_requested"),
    ],
)
def test_a_decision_is_audited_and_told_once(admin, action, status, audited):
    profile = kept_down(status="pending_review")
    assert review(profile, action, admin).status == status
    assert AuditEvent.objects.get().action == audited
    assert Notification.objects.get(user=profile.user).body == "Please take the number out."


def test_approved_words_are_not_judged_again_until_they_change(admin):
    profile = kept_down(status="pending_review")
    review(profile, "approve", admin)
    assert update(profile.user, age=31).status == "active"
    assert update(profile.user, bio=SPAM + " please").status == "pending_review"


def test_a_second_approval_changes_nothing_and_tells_nobody(admin):
    profile = kept_down(status="pending_review")
    review(profile, "approve", admin)
    review(profile, "approve", admin)
    assert Notification.objects.filter(user=profile.user).count() == 1


@pytest.mark.parametrize("action", ["approve", "reject", "request_edit"])
def test_words_that_changed_while_they_were_read_are_not_decided_about(admin, action):
    profile = kept_down(status="pending_review")
    read = profile.content_version
    changed = update(profile.user, bio="Text me instead, +250 788 000 111.")
    with pytest.raises(Conflict) as refused:
        profile_review.review_profile(
            profile=profile, action=action, version=read, note="Fine.", by=admin
        )
    assert (refused.value.code, refused.value.details) == ("STALE_CASE", {"version": read + 1})
    profile.refresh_from_db()
    assert (profile.status, profile.flags) == ("pending_review", changed.flags)


@pytest.mark.parametrize("action", ["reject", "request_edit"])
def test_a_refusal_says_what_should_change(admin, action):
    with pytest.raises(Invalid):
        review(kept_down(status="pending_review"), action, admin, note=" ")


def test_only_staff_review_and_never_their_own_words(outsider, admin):
    with pytest.raises(NotAllowed):
        review(kept_down(status="pending_review"), "approve", outsider)
    with pytest.raises(NotAllowed):
        review(kept_down(status="pending_review", user=admin), "approve", admin)
    assert review(kept_down(status="pending_review"), "approve", AdminFactory()).status == "active"


# --- Place ------------------------------------------------------------------------------------------
def test_a_place_has_its_cell_at_once_and_a_worker_looks_it_up(seeker):
    profile = update(seeker, city="Kigali", locality="Kacyiru")
    assert (len(profile.cell_geohash), GeocodeJob.objects.get().subject_id) == (6, profile.pk)
    assert run_due_geocoding(now=clock.now()) == 1


def test_what_the_worker_finds_fills_the_cell_unless_the_person_has_moved_on(seeker):
    profile = update(seeker, city="Nowhereville")
    asked = {"profile_id": profile.pk, "city": "Nowhereville", "locality": ""}
    assert profile.cell_geohash == ""
    profiles.place_profile(**asked | {"city": "Elsewhere"}, point=Point(-1.9, 30.1))
    profile.refresh_from_db()
    assert profile.cell_geohash == ""
    profiles.place_profile(**asked, point=Point(-1.9, 30.1))
    profile.refresh_from_db()
    assert len(profile.cell_geohash) == 6


def test_without_a_city_there_is_no_cell(seeker):
    update(seeker, city="Kigali")
    profile = update(seeker, city="")
    assert (profile.cell_geohash, profile.cell_latitude) == ("", None)


# --- The database -----------------------------------------------------------------------------------
@pytest.mark.parametrize("wrong", [{"age": 17}, {"age": 101}, {"budget_min": 2, "budget_max": 1}])
def test_the_database_refuses_what_cannot_be(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileFactory(**wrong)


def test_a_link_is_http():
    with pytest.raises(ValidationError):
        ProfileFactory.build(linkedin_url="javascript:alert(1)").clean_fields(["user", "id"])


# --- Being here, being read ---------------------------------------------------------------------------
def test_being_here_is_kept_to_the_hour(django_assert_num_queries):
    long_ago = clock.now() - dt.timedelta(days=3)
    profile = ProfileFactory(last_active_at=long_ago)
    now = clock.now()
    profiles.touch(profile.user, now)
    profile.refresh_from_db()
    assert profile.last_active_at == now.replace(minute=0, second=0, microsecond=0)


def view(by, of, **changes):
    seen = {"duration_seconds": 10, "scroll_percent": 50, "source": "deck"} | changes
    return profile_views.record_view(by=by, viewed=of, **seen)


def test_a_view_is_one_row_a_viewer_person_and_hour_with_the_longest_look(seeker):
    profile = ProfileFactory()
    assert view(seeker, profile.user)[1]
    again, is_new = view(seeker, profile.user, duration_seconds=5, scroll_percent=90)
    assert (is_new, again.duration_seconds, again.scroll_percent) == (False, 10, 90)
    assert profile_views.seen_by(profile.user, now=clock.now()) == 1


@pytest.mark.parametrize("status", [s for s in ProfileStatus if s != "active"])
def test_nobody_reads_whom_they_cannot_see(seeker, status):
    with pytest.raises(NotFound):
        view(seeker, ProfileFactory(status=status).user)


def test_reading_oneself_is_no_view():
    profile = ProfileFactory()
    with pytest.raises(NotFound):
        view(profile.user, profile.user)


def test_views_are_kept_ninety_days(seeker):
    profile = ProfileFactory()
    view(seeker, profile.user)
    ProfileView.objects.update(created_at=clock.now() - dt.timedelta(days=91))
    assert profile_views.forget_old_views(now=clock.now()) == 1
    assert ProfileView.objects.count() == 0
