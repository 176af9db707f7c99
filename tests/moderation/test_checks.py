import datetime as dt

from django.db import connection
import pytest

from ghar import flags
from ghar.lib import clock
from ghar.lib.claim import LEASE, MAX_ATTEMPTS
from ghar.models import Flag
from ghar.properties.models import PropertyMedia
from ghar.properties.services.listings import ask_for_check, edit_listing
from ghar.properties.services.media import remove_photo
from moderation.models import AllowPair, Case, Fingerprint, ListingCheck, PhotoHash, RiskScore
from moderation.services import checks, photos
from moderation.services.checks import prepare, request_check, run_check, run_due_checks
from moderation.services.decisions import decide_listing, override_risk
from moderation.services.facts import detection_limits
from tests.moderation.listings import ELSEWHERE, add_ready_photo, make_listing, submitted
from tests.moderation.pictures import draw, resaved

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def status_of(listing) -> str:
    listing.refresh_from_db()
    return listing.status


def reasons_of(listing) -> set[str]:
    score = RiskScore.objects.get(listing=listing)
    return {reason["code"] for reason in score.reasons if reason["weight"]}


def test_an_honest_listing_goes_on_to_review(poster, on_commit):
    with on_commit():
        listing = submitted(poster)
    assert status_of(listing) == "pending_review"
    score = RiskScore.objects.get(listing=listing)
    assert (score.risk_level, score.status, score.summary) == ("low", "ok", [])
    assert Case.objects.open().get(listing=listing).kind == "review"


def test_a_check_writes_fingerprint_hashes_and_history(poster, on_commit):
    with on_commit():
        listing = submitted(poster)
    made = Fingerprint.objects.get(listing=listing, version=listing.content_version)
    hashes = PhotoHash.objects.filter(listing=listing)
    assert sorted(made.photo_hashes) == sorted(hashes.values_list("phash", flat=True))
    assert made.phone_hash.startswith("1:")
    check = ListingCheck.objects.get(listing=listing)
    assert (check.state, check.risk_status, check.lease_until) == ("done", "ok", None)


def test_a_photo_of_another_poster_holds_the_later_listing(poster, outsider, on_commit):
    rooms = [draw(1), draw(2)]
    with on_commit():
        first = submitted(poster, pictures=rooms)
    with on_commit():
        copy = submitted(outsider, pictures=[resaved(room) for room in rooms], **ELSEWHERE)
    assert (status_of(first), status_of(copy)) == ("pending_review", "hold_for_review")
    score = RiskScore.objects.get(listing=copy)
    assert (score.risk_level, score.status) == ("high", "hold")
    assert reasons_of(copy) == {"PHOTO_REUSED"}
    assert [row["property_id"] for row in score.similar_listings] == [str(first.pk)]


def test_the_original_is_never_held_for_its_copies(poster, outsider, on_commit):
    rooms = [draw(3), draw(4)]
    with on_commit():
        first = submitted(poster, pictures=rooms)
    with on_commit():
        submitted(outsider, pictures=rooms, **ELSEWHERE)
    with on_commit():
        edit_listing(listing=first, by=poster, description="Now with new curtains everywhere.")
    assert status_of(first) == "pending_review"
    assert reasons_of(first) == set()


def test_a_draft_accuses_nobody(poster, outsider, on_commit):
    rooms = [draw(5), draw(6)]
    make_listing(poster, pictures=rooms)
    with on_commit():
        listing = submitted(outsider, pictures=rooms)
    assert status_of(listing) == "pending_review"


def test_photos_of_a_rejected_listing_stay_evidence(poster, outsider, admin, on_commit):
    rooms = [draw(7), draw(8)]
    with on_commit():
        first = submitted(poster, pictures=rooms)
    override_risk(listing=first, decision="reject", notes="fraud", version=None, by=admin)
    with on_commit():
        copy = submitted(outsider, pictures=rooms, **ELSEWHERE)
    assert status_of(copy) == "hold_for_review"


def test_the_own_photo_in_another_own_listing_is_a_hint_alone(poster, on_commit):
    rooms = [draw(9), draw(10)]
    with on_commit():
        submitted(poster, pictures=rooms)
    with on_commit():
        other = submitted(poster, pictures=rooms, **ELSEWHERE)
    assert status_of(other) == "pending_review"
    hints = RiskScore.objects.get(listing=other).reasons
    assert [(hint["code"], hint["weight"]) for hint in hints] == [("PHOTO_REUSED", 0)]


def test_a_near_duplicate_is_held(poster, outsider, on_commit):
    with on_commit():
        submitted(poster)
    with on_commit():
        copy = submitted(
            outsider,
            title="SUNNY, two-bedroom flat near the market!!",
            price_amount=357_000,
            latitude=-1.94437,
            contact_phone="+250788000222",
        )
    assert status_of(copy) == "hold_for_review"
    assert "DUPLICATE_LISTING" in reasons_of(copy)


@pytest.mark.parametrize(
    "mine",
    [
        {"contact_phone": "+250788000222"},
        {"description": "A quiet flat. Ring seven eight eight zero zero zero two two two, please."},
    ],
)
def test_a_phone_that_another_wrote_in_their_text_is_seen_and_holds_nobody(
    poster, outsider, on_commit, mine
):
    said = (
        "A family house. Call zero seven eight eight, zero zero zero, two two two in the evening."
    )
    with on_commit():
        submitted(outsider, **(ELSEWHERE | {"description": said}))
    with on_commit():
        listing = submitted(poster, **mine)
    assert "PHONE_REUSED" in reasons_of(listing)
    assert status_of(listing) == "pending_review"


def test_phones_are_looked_up_in_their_index():
    with connection.cursor() as cursor:
        # The few rows of a test are read sooner than any index.
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Fingerprint.objects.with_phones(["1:9f2c"]).explain()
    assert "Bitmap Index Scan on fingerprint_by_phones" in plan


def test_nothing_but_one_photo_is_medium_and_held(poster, on_commit):
    with on_commit():
        listing = submitted(
            poster, pictures=[draw(11)], address="", society="", contact_phone="", unit=""
        )
    assert status_of(listing) == "hold_for_review"
    score = RiskScore.objects.get(listing=listing)
    assert (score.risk_level, score.status) == ("medium", "review_required")


def test_an_edit_that_settles_the_points_passes_and_ticks_them(poster, on_commit):
    with on_commit():
        listing = submitted(poster, pictures=[draw(12)], address="", contact_phone="", unit="")
    with on_commit():
        edit_listing(listing=listing, by=poster, address="12 KG 11", contact_phone="+250788123456")
    assert status_of(listing) == "pending_review"
    summary = RiskScore.objects.get(listing=listing).summary
    ticks = {point["code"]: point["satisfied"] for point in summary}
    assert ticks["ADDRESS_INCOMPLETE"]
    assert ticks["CONTACT_UNVERIFIED"]


def test_a_reused_photo_added_after_submitting_holds(poster, outsider, on_commit):
    room = draw(13)
    with on_commit():
        submitted(poster, pictures=[room, draw(14)])
    with on_commit():
        listing = submitted(outsider, **ELSEWHERE)
    assert status_of(listing) == "pending_review"
    added = add_ready_photo(listing, resaved(room))
    with on_commit():
        ask_for_check(listing, now=clock.now())
    assert status_of(listing) == "hold_for_review"
    with on_commit():
        remove_photo(listing=listing, media_id=added.pk, by=outsider)
    assert status_of(listing) == "pending_review"


def test_with_the_flag_off_listings_are_scored_and_never_held(poster, outsider, on_commit):
    Flag.objects.create(name=flags.RISK_SCORING, is_on=False)
    flags.forget()
    rooms = [draw(15), draw(16)]
    with on_commit():
        submitted(poster, pictures=rooms)
    with on_commit():
        copy = submitted(outsider, pictures=rooms, **ELSEWHERE)
    assert status_of(copy) == "pending_review"
    assert RiskScore.objects.get(listing=copy).status == "hold"


def test_whoever_was_first_has_a_later_copy_checked_again(poster, outsider, on_commit):
    """The copy was checked while the original had not been looked at yet."""
    rooms = [draw(17), draw(18)]
    first = submitted(poster, pictures=rooms)
    copy = submitted(outsider, pictures=rooms, **ELSEWHERE)
    run_check(check=ListingCheck.objects.get(listing=copy), may_hold=True, now=clock.now())
    assert status_of(copy) == "pending_review"
    with on_commit():
        run_check(check=ListingCheck.objects.get(listing=first), may_hold=True, now=clock.now())
    assert (status_of(first), status_of(copy)) == ("pending_review", "hold_for_review")


def test_a_check_of_an_older_version_is_asked_for_again(poster):
    listing = submitted(poster)
    check = ListingCheck.objects.get(listing=listing)
    prepared = prepare(listing_id=listing.pk, limits=detection_limits())
    edit_listing(listing=listing, by=poster, description="Other words than those that were read.")
    listing.refresh_from_db()
    assert prepared.speaks_of(listing) is False
    assert ListingCheck.objects.get(pk=check.pk).content_version == listing.content_version


@pytest.fixture
def broken(monkeypatch):
    """A photo file that nobody can read breaks every check."""

    def unreadable(**_):
        raise OSError("this file is gone")

    monkeypatch.setattr(photos, "index_photos", unreadable)


def try_often(first: dt.datetime, times: int) -> None:
    for n in range(times):
        run_due_checks(may_hold=True, now=first + n * LEASE)


def test_what_five_workers_could_not_check_a_person_looks_at(poster, broken):
    listing, now = submitted(poster), clock.now()
    try_often(now, MAX_ATTEMPTS + 1)
    assert status_of(listing) == "submitted"
    run_due_checks(may_hold=True, now=now + DAY)
    assert status_of(listing) == "pending_review"
    assert Case.objects.open().get(listing=listing).kind == "review"
    dead = ListingCheck.objects.get(listing=listing)
    assert (dead.state, dead.last_error) == ("dead", "OSError: this file is gone")


def test_one_that_cannot_be_given_up_stops_no_other_check(poster, outsider, monkeypatch):
    def fails(**_):
        raise OSError("this file is gone")

    listing, now = submitted(poster), clock.now()
    with monkeypatch.context() as broken:
        broken.setattr(photos, "index_photos", fails)
        try_often(now, MAX_ATTEMPTS + 1)
    monkeypatch.setattr(checks, "give_up_check", fails)
    other = submitted(outsider)
    run_due_checks(may_hold=True, now=now + DAY)
    assert (status_of(listing), status_of(other)) == ("submitted", "pending_review")


def test_a_dead_check_leaves_alone_what_a_person_decided(poster, admin, broken):
    listing, now = submitted(poster), clock.now()
    try_often(now, MAX_ATTEMPTS + 2)
    assert status_of(listing) == "pending_review"
    override_risk(listing=listing, decision="hold", notes="Odd", version=None, by=admin)
    try_often(now + DAY, MAX_ATTEMPTS + 2)
    assert status_of(listing) == "hold_for_review"


def test_photos_still_on_their_way_are_waited_for(poster):
    listing = submitted(poster)
    PropertyMedia.objects.create(listing=listing, status="processing", folder="x")
    check = ListingCheck.objects.get(listing=listing)
    run_check(check=check, may_hold=True, now=clock.now())
    check.refresh_from_db()
    assert (check.state, status_of(listing)) == ("skipped", "submitted")


def test_what_a_moderator_decided_about_this_version_stands(poster, outsider, admin, on_commit):
    rooms = [draw(19), draw(20)]
    with on_commit():
        submitted(poster, pictures=rooms)
    with on_commit():
        copy = submitted(outsider, pictures=rooms, **ELSEWHERE)
    override_risk(listing=copy, decision="allow", notes="", version=None, by=admin)
    AllowPair.objects.all().delete()
    with on_commit():
        request_check(listing=copy, now=clock.now())
    assert status_of(copy) == "pending_review"


def test_an_approved_listing_is_held_only_for_what_is_new(poster, admin, on_commit):
    with on_commit():
        listing = submitted(poster, pictures=[draw(21)], address="", contact_phone="", unit="")
    decide_listing(listing=listing, action="approve", reason="", by=admin)
    with on_commit():
        edit_listing(listing=listing, by=poster, price_amount=360_000)
    assert status_of(listing) == "live"
