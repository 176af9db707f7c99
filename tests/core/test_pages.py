import pytest

from ghar.accounts.models import User
from ghar.api.pages import InvalidCursor, paginate
from ghar.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [User.objects.create(full_name=f"Person {n % 3}") for n in range(7)]


def walk(order, limit=3):
    """The ids of all pages, in the order in which a client meets them."""
    cursor, seen = None, []
    while True:
        page = paginate(
            User.objects.all(), params={"limit": str(limit), "cursor": cursor}, order=order
        )
        seen += [row.pk for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("order", [("id",), ("-id",), ("full_name", "-id"), ("-created_at", "id")])
def test_pages_meet_every_row_once_in_order(people, order):
    assert walk(order) == list(User.objects.order_by(*order).values_list("pk", flat=True))


def test_rows_that_come_meanwhile_shift_nothing(people):
    first = paginate(User.objects.all(), params={"limit": "3"})
    User.objects.create(full_name="Late")
    second = paginate(User.objects.all(), params={"limit": "3", "cursor": first.next_cursor})
    newest_first = [person.pk for person in reversed(people)]
    assert [row.pk for row in first.rows + second.rows] == newest_first[:6]


@pytest.mark.parametrize("cursor", ["x", "WyJ1Il0:1:forged"])
def test_a_forged_cursor_is_refused(cursor):
    with pytest.raises(InvalidCursor):
        paginate(User.objects.all(), params={"cursor": cursor})


def test_a_cursor_of_another_list_is_refused(people):
    page = paginate(User.objects.all(), params={"limit": "3"}, scope="/people")
    with pytest.raises(InvalidCursor):
        paginate(User.objects.all(), params={"cursor": page.next_cursor}, scope="/others")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "9" * 5000, "²"])
def test_a_limit_out_of_range_is_refused(limit):
    with pytest.raises(Invalid):
        paginate(User.objects.all(), params={"limit": limit})


def test_a_total_comes_only_when_asked_for(people):
    assert paginate(User.objects.all(), params={}).envelope([]) == {
        "items": [],
        "next_cursor": None,
        "has_more": False,
        "limit": 20,
    }
    asked = paginate(User.objects.all(), params={"include_total": "true", "limit": "2"})
    assert asked.total == 7
