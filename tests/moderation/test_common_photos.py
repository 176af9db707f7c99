from django.urls import reverse
import pytest

from ghar.audit.models import AuditEvent
from ghar.errors import NotAllowed
from moderation.models import AllowPair, Case, PhotoHash, RiskScore
from moderation.services.casefile import photo_pairs
from moderation.services.common_photos import mark_common, unmark_common
from moderation.services.decisions import decide_listing, override_risk
from tests.factories import AdminFactory, UserFactory
from tests.moderation.listings import ELSEWHERE, submitted
from tests.moderation.pictures import draw, resaved

pytestmark = pytest.mark.django_db
LOBBY = draw(501)
FAR = {"address": "9 KG 9 Street", "latitude": -1.96, "longitude": 30.12}


def with_lobby(owner, seed, **facts):
    return submitted(owner, pictures=[resaved(LOBBY), draw(seed)], **(ELSEWHERE | facts))


@pytest.fixture
def first(poster, on_commit):
    with on_commit():
        return submitted(poster, pictures=[LOBBY, draw(502)])


@pytest.fixture
def held(first, outsider, on_commit):
    """A home of somebody else in the same tower, which shows the lobby too."""
    with on_commit():
        return with_lobby(outsider, 503)


def status_of(listing) -> str:
    listing.refresh_from_db()
    return listing.status


def pair_of(listing):
    [pair] = photo_pairs(RiskScore.objects.get(listing=listing).reasons)
    return pair


def weights_of(listing) -> list[int]:
    return [row["weight"] for row in RiskScore.objects.get(listing=listing).reasons]


def test_what_only_a_common_photo_kept_back_goes_on_to_review(held, admin, on_commit):
    assert status_of(held) == "hold_for_review"
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    assert (status_of(held), weights_of(held)) == ("pending_review", [0])
    assert pair_of(held).is_common


def test_what_comes_later_with_the_same_picture_is_not_held(held, admin, seeker, on_commit):
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    with on_commit():
        later = with_lobby(seeker, 504, **FAR)
    assert status_of(later) == "pending_review"


def test_another_stolen_photo_still_holds(first, held, admin, seeker, on_commit):
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    with on_commit():
        thief = submitted(seeker, pictures=[LOBBY, draw(502)], **ELSEWHERE)
    assert status_of(thief) == "hold_for_review"


def test_taking_the_mark_off_holds_again(held, admin, on_commit):
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    with on_commit():
        unmark_common(pair=pair_of(held), by=admin)
    assert status_of(held) == "hold_for_review"
    assert not PhotoHash.objects.filter(is_common=True).exists()


def test_a_copy_that_was_turned_is_freed_and_held_with_the_rest(
    first, held, admin, seeker, on_commit
):
    with on_commit():
        turned = submitted(seeker, pictures=[LOBBY.rotate(180), draw(505)], **(ELSEWHERE | FAR))
    assert status_of(turned) == "hold_for_review"
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    assert status_of(turned) == "pending_review"
    with on_commit():
        unmark_common(pair=pair_of(held), by=admin)
    assert status_of(turned) == "hold_for_review"


def test_what_a_moderator_decided_stands(held, admin, on_commit):
    override_risk(listing=held, decision="hold", notes="Odd.", version=None, by=admin)
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    assert status_of(held) == "hold_for_review"


def test_approving_afterwards_pairs_nobody_who_shares_the_picture(held, admin, on_commit):
    with on_commit():
        mark_common(pair=pair_of(held), by=admin)
    decide_listing(listing=held, action="approve", reason="", by=admin)
    assert not AllowPair.objects.exists()


def test_each_word_is_in_the_audit_once(held, admin):
    pair = pair_of(held)
    for verb in (mark_common, mark_common, unmark_common, unmark_common):
        verb(pair=pair, by=admin)
    said = AuditEvent.objects.filter(target_id=str(held.pk), action__contains="common")
    assert list(said.order_by("id").values_list("action", flat=True)) == [
        "photo_marked_common",
        "photo_unmarked_common",
    ]
    assert said.first().data == {
        "photo": str(pair.mine.pk),
        "other": str(pair.other.pk),
        "copies": 2,
    }


def test_nobody_speaks_about_a_photo_of_their_own(first, on_commit):
    host = AdminFactory()
    with on_commit():
        own = with_lobby(host, 506)
    with pytest.raises(NotAllowed):
        mark_common(pair=pair_of(own), by=host)
    assert not PhotoHash.objects.filter(is_common=True).exists()


def test_nor_about_a_photo_of_others_of_which_they_have_a_copy(held, admin, on_commit):
    """Else a moderator would free their own listing on the case of somebody else's."""
    host = AdminFactory()
    with on_commit():
        with_lobby(host, 507)
    with pytest.raises(NotAllowed):
        mark_common(pair=pair_of(held), by=host)
    assert not PhotoHash.objects.filter(is_common=True).exists()
    mark_common(pair=pair_of(held), by=admin)
    with pytest.raises(NotAllowed):
        unmark_common(pair=pair_of(held), by=host)


# --- the automatic rule ---------------------------------------------------------------------------
def approved_homes(admin, on_commit, count):
    homes = []
    for n in range(count):
        facts = {"address": f"{n} KG 7{n} Street", "latitude": -1.8 - n / 20, "longitude": 29.9}
        with on_commit():
            home = with_lobby(UserFactory(), 600 + n, **facts)
        decide_listing(listing=home, action="approve", reason="", by=admin)
        homes.append(home)
    return homes


@pytest.mark.parametrize(("posters", "status"), [(4, "hold_for_review"), (5, "pending_review")])
def test_a_picture_on_five_approved_posters_counts_no_more(
    admin, outsider, on_commit, posters, status
):
    approved_homes(admin, on_commit, posters)
    with on_commit():
        later = with_lobby(outsider, 700)
    assert status_of(later) == status


def test_homes_that_were_rejected_since_make_no_picture_common(admin, outsider, on_commit):
    """Else a ring of five accounts would free the photos that it stole."""
    for home in approved_homes(admin, on_commit, 5):
        override_risk(listing=home, decision="reject", notes="Fraud.", version=None, by=admin)
    with on_commit():
        later = with_lobby(outsider, 700)
    assert status_of(later) == "hold_for_review"


# --- the console ----------------------------------------------------------------------------------
@pytest.fixture
def console(client, admin):
    client.force_login(admin)
    return client


def case_of(listing) -> Case:
    return Case.objects.open().get(listing=listing)


def say(client, case, pair, verb):
    path = reverse("console:common-photo", args=[case.pk, verb])
    return client.post(path, {"mine": str(pair.mine.pk), "other": str(pair.other.pk)}, follow=True)


def test_the_page_offers_the_mark_and_what_it_means_and_takes_it_off(console, held, on_commit):
    case, pair = case_of(held), pair_of(held)
    page = console.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    assert "This is a common photo" in page
    assert "the picture holds nobody any more" in page
    with on_commit():
        page = say(console, case, pair, "mark").content.decode()
    assert "This picture counts no more." in page
    assert "Let this photo count again" in page
    assert status_of(held) == "pending_review"
    with on_commit():
        page = say(console, case, pair, "unmark").content.decode()
    assert "This picture counts again." in page
    assert "This is a common photo" in page
    assert status_of(held) == "hold_for_review"


def test_only_a_pair_of_the_case_can_be_marked(console, held, first):
    wrong = pair_of(held)._replace(mine=first.media.last())
    assert "There is nothing here" in say(console, case_of(held), wrong, "mark").content.decode()
    assert say(console, case_of(held), pair_of(held), "burn").status_code == 404
    assert not PhotoHash.objects.filter(is_common=True).exists()


@pytest.mark.parametrize("verb", ["mark", "unmark"])
def test_the_mark_is_for_staff(client, held, outsider, agent, verb):
    path = reverse("console:common-photo", args=[case_of(held).pk, verb])
    for user in (None, outsider, agent):
        if user:
            client.force_login(user)
        answer = client.post(path, {})
        assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={path}")
    assert not AuditEvent.objects.filter(action__contains="common").exists()


def test_the_mark_is_a_post(console, held):
    path = reverse("console:common-photo", args=[case_of(held).pk, "mark"])
    assert console.get(path).status_code == 405
