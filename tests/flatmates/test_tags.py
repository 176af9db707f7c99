import pytest

from flatmates.models import SocietyTagVote
from flatmates.rules.tags import normal_tag
from flatmates.services.tags import vote_tag
from ghar.api import limits
from ghar.errors import Conflict, Invalid, NotFound
from moderation.models import Block
from tests.factories import PropertyFactory, UserFactory
from tests.flatmates.people import room


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("  Pet-friendly ", "pet_friendly"),
        ("SAFE at  night", "safe_at_night"),
        ("__quiet__", "quiet"),
        ("power/backup", "power_backup"),
        ("पानी 24 घंटे", "पानी_24_घंटे"),
        (" - ", ""),
    ],
)
def test_tags_have_one_spelling(typed, tag):
    assert normal_tag(typed) == tag


@pytest.fixture
def place(db):
    return room(UserFactory())


def said(place, by, tag, vote):
    answer = vote_tag(by=by, listing=place, tag=tag, vote=vote)
    return answer["upvotes"], answer["downvotes"], answer["mine"]


def test_a_repeat_changes_nothing_and_a_flip_moves_one_vote(place, seeker):
    assert said(place, seeker, "Quiet", "up") == (1, 0, True)
    assert said(place, seeker, " quiet ", "up") == (1, 0, True)
    assert said(place, seeker, "QUIET", "down") == (0, 1, False)
    assert SocietyTagVote.objects.count() == 1


def test_three_downs_make_it_disputed(place, api):
    url = f"/api/v1/flatmates/listings/{place.pk}/society-tags"
    for number in range(1, 4):
        answer = api(UserFactory()).post(f"{url}/votes", {"tag": "Quiet", "vote": "down"})
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "tag": "quiet",
                "current_vote": "down",
                "upvotes": 0,
                "downvotes": number,
                "disputed": number == 3,
            },
        )
    (row,) = api().get(url).json()["items"]
    assert (row["disputed"], row["current_vote"]) == (True, None)


def test_tags_pass_the_rules_of_public_text(place, seeker):
    for wrong in ("", "x", "y" * 41, "call 9876543210", "casino betting here"):
        with pytest.raises(Invalid):
            vote_tag(by=seeker, listing=place, tag=wrong, vote="up")
    assert not SocietyTagVote.objects.exists()


def test_hosts_say_nothing_about_their_own_place(place):
    with pytest.raises(Invalid):
        vote_tag(by=place.owner, listing=place, tag="quiet", vote="up")
    assert not SocietyTagVote.objects.exists()


def test_ten_tags_of_one_person_about_one_place(place, seeker, outsider):
    tags = [f"tag {letter}{letter}" for letter in "abcdefghij"]
    for tag in tags:
        vote_tag(by=seeker, listing=place, tag=tag, vote="up")
    with pytest.raises(Conflict) as refused:
        vote_tag(by=seeker, listing=place, tag="tag kk", vote="up")
    assert refused.value.code == "TOO_MANY_TAGS"
    assert said(place, seeker, tags[0], "down") == (0, 1, False)
    assert said(place, outsider, "tag kk", "up") == (1, 0, True)
    assert said(room(outsider), seeker, "tag kk", "up") == (1, 0, True)


def test_votes_are_counted(place, seeker, api, settings):
    settings.LIMITS = {**settings.LIMITS, "tag_votes": (1, 60, "account")}
    url = f"/api/v1/flatmates/listings/{place.pk}/society-tags/votes"
    answers = [api(seeker).post(url, {"tag": "quiet", "vote": vote}) for vote in ("up", "down")]
    limits.clear("tag_votes", str(seeker.pk))
    assert [answer.status_code for answer in answers] == [200, 429]


def test_only_live_listings_of_people_who_are_not_parted(seeker, place):
    Block.objects.create(blocker=place.owner, blocked=seeker)
    for hidden in (PropertyFactory(), place):
        with pytest.raises(NotFound):
            vote_tag(by=seeker, listing=hidden, tag="quiet", vote="up")


@pytest.mark.parametrize("tags", [1, 3])
def test_a_list_of_tags_costs_two_statements(place, seeker, api, tags, django_assert_num_queries):
    for number in range(tags):
        vote_tag(by=seeker, listing=place, tag=f"tag_{'abc'[number]}", vote="up")
    with django_assert_num_queries(2):
        body = api().get(f"/api/v1/flatmates/listings/{place.pk}/society-tags").json()
    assert len(body["items"]) == tags


def test_votes_need_an_account_and_a_word_that_is_known(place, api, seeker):
    url = f"/api/v1/flatmates/listings/{place.pk}/society-tags/votes"
    assert api().post(url, {"tag": "quiet", "vote": "up"}).status_code == 401
    assert api(seeker).post(url, {"tag": "quiet", "vote": "sideways"}).status_code == 422
