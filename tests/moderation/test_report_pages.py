from django.urls import reverse
import pytest

from ghar.audit.models import AuditEvent
from ghar.lib.ids import uuid7
from ghar.properties.services.media import remove_photo
from moderation.models import Case, Report, Sanction
from moderation.services.blocks import block_person
from moderation.services.cases import claim_case
from moderation.services.reports import decide_report
from tests.factories import LiveListingFactory, PhotoFactory, UploadFactory, UserFactory
from tests.moderation.reported import WORDS, grown_up, report

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:moderation_case_changelist")
EVIDENCE = {
    "profile": {"bio": "Quiet and tidy."},
    "messages": [{"from": "Peter", "body": "Send the deposit <b>now</b>."}],
}


@pytest.fixture
def console(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def filed(poster, seeker) -> Report:
    return report(poster, by=seeker, evidence=EVIDENCE)


def the_case() -> Case:
    return Case.objects.get(kind="report")


def at(name="change"):
    return reverse(f"admin:moderation_case_{name}", args=[the_case().pk])


def decide(console, **data):
    return console.post(at("decide"), {"version": the_case().version, **data})


def test_the_queue_shows_who_is_reported_by_how_many_and_what_is_out_of_sight(console, poster):
    report(poster)
    assert "1 person<" in console.get(QUEUE).content.decode()
    report(poster), report(poster, reason="spam")
    text = console.get(QUEUE).content.decode()
    assert "Peter Poster" in text
    assert "3 people, out of sight" in text
    assert "abuse, spam" in text


def test_the_page_shows_each_report_in_the_words_of_its_reporter(console, filed, seeker, poster):
    report(poster, notes="She never showed up.")
    text = console.get(at()).content.decode()
    assert WORDS in text
    assert "She never showed up." in text
    assert str(seeker) in text
    assert "2 people reported it." in text


def test_the_page_shows_exactly_what_the_person_would_read(console, filed):
    text = console.get(at()).content.decode()
    decide(console, decision="warn_user")
    first_line, *_ = Sanction.objects.get().message.split("\n")
    assert first_line in text
    assert "no threats, no insults" in text


def test_the_evidence_is_closed_until_one_holds_the_case(console, filed, admin):
    assert "Quiet and tidy." not in console.get(at()).content.decode()
    refused = console.post(at("evidence"), follow=True).content.decode()
    assert "Claim the case first." in refused
    assert "Quiet and tidy." not in refused
    assert not AuditEvent.objects.filter(action="report_evidence_opened").exists()


def test_whoever_holds_the_case_opens_the_evidence_and_each_opening_is_logged(
    console, filed, admin
):
    claim_case(case=the_case(), by=admin)
    for _ in range(2):
        text = console.post(at("evidence")).content.decode()
        assert "Quiet and tidy." in text
        assert "Send the deposit &lt;b&gt;now&lt;/b&gt;." in text
    rows = AuditEvent.objects.filter(action="report_evidence_opened")
    assert [row.data["reports"] for row in rows] == [[str(filed.pk)]] * 2
    assert {row.actor_id for row in rows} == {str(admin.pk)}


def test_the_evidence_shows_the_pictures_that_are_still_there(console, admin, poster, seeker):
    photo, upload = PhotoFactory(listing=LiveListingFactory(owner=poster)), UploadFactory()
    gone = str(uuid7())
    report(
        poster,
        by=seeker,
        evidence={
            "listing": {"title": "A room", "photos": [str(photo.pk), gone]},
            "messages": [
                {"body": "Look.", "picture": str(upload.pk)},
                {"body": "No.", "picture": ""},
            ],
        },
    )
    remove_photo(listing=photo.listing, media_id=photo.pk, by=poster)
    claim_case(case=the_case(), by=admin)
    text = console.post(at("evidence")).content.decode()
    for path in (f"/media/photos/{photo.pk}/small.jpg", f"/media/uploads/{upload.pk}/small.jpg"):
        assert f'src="{path}"' in text
        assert console.get(path).status_code == 200
    assert gone not in text


def test_another_moderator_does_not_open_what_a_colleague_holds(
    console, filed, second_admin, client
):
    claim_case(case=the_case(), by=second_admin)
    text = console.post(at("evidence"), follow=True).content.decode()
    assert "Quiet and tidy." not in text


def test_after_the_decision_the_evidence_stays_closed(console, filed, admin):
    claim_case(case=the_case(), by=admin)
    decide(console, decision="dismiss")
    assert "Quiet and tidy." not in console.post(at("evidence"), follow=True).content.decode()


def test_the_stock_pages_of_reports_and_blocks_are_read_only_and_show_no_evidence(
    console, filed, seeker, poster
):
    block = block_person(target=poster, by=seeker)
    for model, row in (("report", filed), ("block", block)):
        assert console.get(reverse(f"admin:moderation_{model}_changelist")).status_code == 200
        assert console.get(reverse(f"admin:moderation_{model}_add")).status_code == 403
        text = console.get(reverse(f"admin:moderation_{model}_change", args=[row.pk]))
        assert text.status_code == 200
        assert "Quiet and tidy." not in text.content.decode()


def test_a_decision_is_taken_with_words_of_ones_own(console, filed):
    answer = decide(console, decision="warn_user", message="Please be patient.", note="First.")
    assert (answer.status_code, answer["Location"]) == (302, at())
    assert (Sanction.objects.get().message, Sanction.objects.get().note) == (
        "Please be patient.",
        "First.",
    )
    assert "In the words of the reporters" in console.get(at()).content.decode()


def test_a_decision_on_an_old_version_shows_the_conflict_and_keeps_the_words(
    console, filed, poster
):
    version = the_case().version
    report(poster)
    answer = console.post(
        at("decide"), {"version": version, "decision": "warn_user", "message": "My words."}
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "This case changed while you were looking at it." in text
    assert "My words." in text
    assert not Sanction.objects.exists()


def test_a_verdict_about_listings_is_no_choice_here(console, filed):
    assert decide(console, decision="approve").status_code == 422


def test_a_handed_over_case_says_so_and_is_not_offered_again(console, filed, admin):
    decide(console, decision="escalate", and_next="on")
    assert "handed this case over" in console.get(at()).content.decode()
    assert console.post(reverse("admin:moderation_case_start"))["Location"] == QUEUE
    assert decide(console, decision="dismiss").status_code == 403


def test_earlier_reports_about_and_by_the_person_stand_beside(console, poster, admin):
    decide_report(report=report(poster, reason="spam"), action="dismiss", notes="", by=admin)
    report(UserFactory(full_name="Rita Reported"), by=grown_up())
    Case.objects.all().delete()
    report(UserFactory(full_name="Tom Target"), by=poster)
    Case.objects.all().delete()
    report(poster)
    text = console.get(at()).content.decode()
    assert "Spam or advertising" in text
    assert "Tom Target" in text
    assert "Rita Reported" not in text


def test_a_reported_listing_is_shown_with_its_poster(console, seeker):
    listing = LiveListingFactory()
    report(listing.owner, by=seeker, listing=listing)
    text = console.get(at()).content.decode()
    assert listing.get_absolute_url() in text
    assert reverse("console:person", args=[listing.owner_id]) in text


def test_a_person_has_no_address_to_reveal(console, filed):
    assert console.post(at("reveal")).status_code == 404


def test_the_dashboard_counts_reports_and_names_what_one_holds(console, filed, admin):
    claim_case(case=the_case(), by=admin)
    text = console.get(reverse("admin:index")).content.decode()
    assert "<strong>1</strong> report" in text
    assert "Peter Poster" in text


def test_the_pages_are_closed_to_others(client, filed, outsider, agent):
    for user in (outsider, agent):
        client.force_login(user)
        assert client.get(at()).status_code == 302
        assert client.post(at("evidence")).status_code == 302
        assert client.post(at("decide"), {"decision": "dismiss"}).status_code == 302
    assert not AuditEvent.objects.filter(action="report_evidence_opened").exists()


def test_the_queue_costs_the_same_for_one_report_and_three(
    console, filed, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(16) as one:
        console.get(QUEUE)
    report(UserFactory()), report(UserFactory())
    with django_assert_num_queries(len(one)):
        console.get(QUEUE)
