import datetime as dt

from django.core.files.base import ContentFile
from django.urls import reverse
import pytest
import time_machine

from ghar.accounts.models import User
from ghar.audit.models import AuditEvent
from ghar.notifications.models import Notification
from ghar.properties.models import Property, photo_url
from ghar.properties.services.listings import edit_listing
from ghar.properties.services.media import add_photo
from moderation.models import Case, Decision, PhotoHash, RiskScore
from tests.moderation.pictures import as_jpeg, draw

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.fixture
def console(client, admin):
    client.force_login(admin)
    return client


def case_of(listing) -> Case:
    return Case.objects.open().get(listing=listing)


def at(case, name="change"):
    return reverse(f"admin:moderation_case_{name}", args=[case.pk])


def decide(console, case, **data):
    return console.post(at(case, "decide"), {"version": case.version, **data})


def test_the_dashboard_counts_what_waits(console, held, original):
    text = console.get(reverse("admin:index")).content.decode()
    assert "Start reviewing" in text
    assert "<strong>1</strong> held listing" in text
    assert "<strong>1</strong> new listing" in text


def test_the_queue_shows_open_cases_the_most_urgent_first(console, held, original):
    text = console.get(reverse("admin:moderation_case_changelist")).content.decode()
    assert text.index(str(case_of(held).pk)) < text.index(str(case_of(original).pk))
    assert "PHOTO_REUSED" in text


def test_start_reviewing_claims_the_most_urgent_case(console, held, admin):
    answer = console.post(reverse("admin:moderation_case_start"))
    assert answer["Location"] == at(case_of(held))
    assert case_of(held).claimed_by == admin


def test_the_case_shows_the_photos_beside_those_they_repeat(console, held, original):
    text = console.get(at(case_of(held))).content.decode()
    for photo in [*held.media.ready(), *original.media.ready()]:
        assert photo_url(photo.pk, "medium") in text
    assert original.get_absolute_url() in text
    assert "photo(s) were shown earlier by another poster" in text


def test_private_facts_are_hidden_until_a_logged_reveal(console, held):
    hidden = console.get(at(case_of(held))).content.decode()
    assert held.address not in hidden
    assert held.contact_phone not in hidden
    shown = console.post(at(case_of(held), "reveal")).content.decode()
    assert held.address in shown
    assert held.contact_phone in shown
    assert AuditEvent.objects.filter(action="private_facts_revealed").count() == 1


def test_approving_publishes_and_can_be_undone_for_a_minute(console, passed):
    case = case_of(passed)
    with time_machine.travel(NOW, tick=False) as moment:
        answer = decide(console, case, decision="approve")
        passed.refresh_from_db()
        assert (answer["Location"], passed.status) == (at(case), "live")
        moment.shift(30)
        assert "Undo" in console.get(at(case)).content.decode()
        undo = reverse("admin:moderation_decision_undo", args=[Decision.objects.get().pk])
        console.post(undo)
    passed.refresh_from_db()
    assert passed.status == "pending_review"


@pytest.mark.parametrize("picture", [31, 78])
def test_what_the_poster_has_changed_since_is_not_undone(
    console, passed, original, poster, on_commit, picture
):
    case = case_of(passed)
    decide(console, case, decision="approve")
    with on_commit():
        photo = ContentFile(as_jpeg(draw(picture)), "room.jpg")
        add_photo(listing=passed, file=photo, by=poster)
    decision, now = Decision.objects.get(), Case.objects.open().get(listing=passed)
    answer = console.post(
        reverse("admin:moderation_decision_undo", args=[decision.pk]), follow=True
    )
    assert "This decision can no longer be undone." in answer.content.decode()
    assert case_of(passed) == now


def test_a_rejection_without_a_reason_keeps_the_form(console, passed):
    answer = decide(console, case_of(passed), decision="reject")
    assert answer.status_code == 422
    passed.refresh_from_db()
    assert passed.status == "pending_review"


def test_what_the_score_found_is_ticked_and_blamed_only_by_who_blames(console, held):
    case = case_of(held)
    page = console.get(at(case))
    found = RiskScore.objects.get(listing=held).codes
    assert found
    assert page.context["form"]["reason_codes"].value() == found
    assert "It stays out of sight until a person decides." in page.content.decode()
    decide(console, case, decision="approve", reason_codes=found)
    assert Decision.objects.get().reason_codes == []


def test_what_was_found_in_an_earlier_version_is_not_ticked(console, held):
    Property.objects.filter(pk=held.pk).update(content_version=99)
    assert console.get(at(case_of(held))).context["form"]["reason_codes"].value() == []


def test_the_moderators_own_words_reach_the_poster(console, passed):
    decide(console, case_of(passed), decision="request_edit", message="Which floor is it?")
    assert Decision.objects.get().message == "Which floor is it?"


def test_the_reasons_reach_the_poster_in_their_language(console, passed, poster):
    User.objects.filter(pk=poster.pk).update(language="fr")
    case = case_of(passed)
    words = "pas de numéros, un point de repère aide."
    assert words in console.get(at(case)).content.decode()
    decide(console, case, decision="reject", reason_codes=["THIN_LISTING"])
    assert words in Decision.objects.get().message
    assert words in Notification.objects.get(user=poster, type="listing_rejected").body


def test_allowing_is_recorded_as_an_override(console, held):
    decide(console, case_of(held), decision="allow", note="He manages both.")
    held.refresh_from_db()
    assert held.status == "pending_review"
    row = AuditEvent.objects.get(action="risk_override")
    assert (row.channel, row.data["notes"]) == ("admin", "He manages both.")


def test_deciding_what_another_has_decided_shows_the_conflict(console, passed, admin):
    case = case_of(passed)
    decide(console, case, decision="approve")
    answer = decide(console, case, decision="reject", reason_codes=["SPAM_TEXT"])
    assert answer.status_code == 409
    assert "This case changed while you were looking at it." in answer.content.decode()


def test_what_was_edited_since_it_was_read_is_not_decided(console, passed, poster):
    case = case_of(passed)
    edit_listing(listing=passed, by=poster, title="Something else")
    answer = decide(console, case, decision="approve")
    assert answer.status_code == 409
    assert "This case changed while you were looking at it." in answer.content.decode()


def test_decide_and_next_opens_the_next_case(console, held, original):
    answer = decide(
        console, case_of(held), decision="reject", reason_codes=["PHOTO_REUSED"], and_next="on"
    )
    assert answer["Location"] == at(case_of(original))


@pytest.mark.parametrize(
    "model",
    ["riskscore", "fingerprint", "photohash", "decision", "allowpair", "appeal", "listingcheck"],
)
def test_the_records_are_read_only(console, held, model):
    assert console.get(reverse(f"admin:moderation_{model}_changelist")).status_code == 200
    assert console.get(reverse(f"admin:moderation_{model}_add")).status_code == 403


def test_a_score_can_be_opened(console, held):
    for model in (RiskScore, PhotoHash):
        row = model.objects.filter(listing=held).first()
        path = reverse(f"admin:moderation_{model._meta.model_name}_change", args=[row.pk])
        assert console.get(path).status_code == 200


def test_the_console_is_closed_to_others(client, held, outsider, agent):
    for user in (outsider, agent):
        client.force_login(user)
        assert client.post(at(case_of(held), "decide"), {"decision": "approve"}).status_code == 302
    assert not Decision.objects.exists()


def test_the_queue_costs_the_same_for_one_row_and_three(
    console, held, original, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16):
        console.get(reverse("admin:moderation_case_changelist"))
