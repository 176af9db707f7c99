"""Work that kills whoever takes it up, or always fails: it is given up, and holds up nothing else."""

from collections.abc import Callable, Iterator
import os
from pathlib import Path

from django.db import connection
from django.test import Client
from django.urls import reverse
import pytest

from ghar.accounts.models import User
from ghar.boot.children import Child
from ghar.lib.claim import MAX_ATTEMPTS
from ghar.models import DueRow
from ghar.properties.models import PropertyMedia
from ghar.properties.services.media import original_path, picture_path
from moderation.models import Case, ListingCheck
from tests.factories import PropertyFactory, UserFactory, picture
from tests.faults.jobs import a_waiting_check, a_waiting_mail, a_waiting_photo, much_later
from tests.faults.mailbox import DEADLY, REFUSED
from tests.faults.processes import Backstage, kill, pool_processes, wait_until

pytestmark = pytest.mark.faults

MEDIA, CHECKS = "properties.process_due_media", "moderation.run_due_checks"
MAIL = "notifications.send_due_deliveries"


@pytest.fixture
def worker(backstage: Backstage) -> Child:
    worker = backstage.start_worker()
    backstage.wait_until_ready()
    return worker


@pytest.fixture
def listing(backstage: Backstage):
    return PropertyFactory()


def try_until_it_is_given_up(
    backstage: Backstage,
    poison: DueRow,
    task: str,
    *,
    another: Callable[[], DueRow],
    killing: Child | None = None,
) -> None:
    """Each time another row of its kind is done beside it; a worker that hangs on it is killed."""
    for tries in range(1, MAX_ATTEMPTS + 1):
        other = another()
        backstage.run_until(
            lambda row=other, n=tries: fresh(poison).attempts == n and is_done(row), task=task
        )
        if killing:
            for pid in pool_processes(killing):  # as the kernel does when there is no memory left
                kill(pid)
        much_later()
    backstage.run_until(lambda: fresh(poison).state == "dead", task=task)
    assert fresh(poison).attempts == MAX_ATTEMPTS


def is_done_in_the_run_that_fails(backstage: Backstage, task: str, other: DueRow) -> None:
    """It comes after the poison, and does not have to wait for beat."""
    backstage.send(task)
    wait_until(lambda: is_done(other))


def fresh(row: DueRow) -> DueRow:
    return type(row)._default_manager.get(pk=row.pk)


def is_done(row: DueRow) -> bool:
    return fresh(row).state == "done"


def dead_rows_of(row: DueRow, staff: User) -> set[str]:
    """The rows of its kind that the console lists as given up."""
    client, meta = Client(), row._meta
    client.force_login(staff)
    name = f"admin:{meta.app_label}_{meta.model_name}"
    page = client.get(reverse(f"{name}_changelist"), {"state__exact": "dead"})
    return {str(each.pk) for each in page.context["cl"].result_list}


def never_answering(path: Path) -> None:
    """In place of the file: who opens it hangs."""
    path.unlink()
    os.mkfifo(path)


@pytest.fixture
def unchangeable() -> Iterator[Callable[[PropertyMedia], None]]:
    """Whatever wants to change the photo fails, until `DROP` below."""
    with connection.cursor() as cursor:

        def make(photo: PropertyMedia) -> None:
            cursor.execute(
                "CREATE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE 'poisoned'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER poisoned BEFORE UPDATE ON property_media FOR EACH ROW"
                f" WHEN (NEW.id = '{photo.pk}') EXECUTE FUNCTION poisoned()"
            )

        yield make
        change_again()


def change_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS poisoned CASCADE")


def test_a_photo_that_kills_five_workers_is_given_up_and_holds_up_no_other(
    backstage, worker, listing, admin
):
    poison = a_waiting_photo(listing, b"")
    never_answering(original_path(poison.media))
    try_until_it_is_given_up(
        backstage,
        poison,
        MEDIA,
        another=lambda: a_waiting_photo(listing, picture().read()),
        killing=worker,
    )
    backstage.run_until(lambda: fresh(poison).picture.failure == "IMAGE_BROKEN", task=MEDIA)
    assert dead_rows_of(poison, admin) == {str(poison.pk)}


def test_a_photo_that_always_fails_is_given_up_and_holds_up_no_other(
    backstage, worker, listing, admin, unchangeable
):
    """Nor does it when even its owner cannot be told."""
    poison = a_waiting_photo(listing, picture().read())
    unchangeable(poison.media)
    another = lambda: a_waiting_photo(listing, picture().read())  # noqa: E731
    is_done_in_the_run_that_fails(backstage, MEDIA, another())
    try_until_it_is_given_up(backstage, poison, MEDIA, another=another)
    last = another()
    backstage.run_until(lambda: fresh(last).state == "done", task=MEDIA)
    assert dead_rows_of(poison, admin) == {str(poison.pk)}
    assert "poisoned" in fresh(poison).last_error
    change_again()
    backstage.run_until(lambda: fresh(poison).picture.failure == "IMAGE_BROKEN", task=MEDIA)


def test_a_check_that_kills_five_workers_is_left_to_a_person_and_holds_up_no_other(
    backstage, worker, admin
):
    poison = a_waiting_check()
    never_answering(picture_path(poison.listing.media.get(), "medium"))
    try_until_it_is_given_up(backstage, poison, CHECKS, another=a_waiting_check, killing=worker)
    is_left_to_a_person(backstage, poison, admin)


def test_a_check_that_always_fails_is_left_to_a_person_and_holds_up_no_other(
    backstage, worker, admin
):
    poison = a_waiting_check()
    picture_path(poison.listing.media.get(), "medium").unlink()
    is_done_in_the_run_that_fails(backstage, CHECKS, a_waiting_check())
    try_until_it_is_given_up(backstage, poison, CHECKS, another=a_waiting_check)
    is_left_to_a_person(backstage, poison, admin)
    assert "FileNotFoundError" in fresh(poison).last_error


def is_left_to_a_person(backstage: Backstage, check: ListingCheck, staff: User) -> None:
    backstage.run_until(Case.objects.filter(listing=check.listing).exists, task=CHECKS)
    assert fresh(check).listing.status == "pending_review"
    assert dead_rows_of(check, staff) == {str(check.pk)}


def test_a_mail_that_kills_five_workers_is_given_up_and_holds_up_no_other(
    backstage, worker, seeker, admin
):
    poison = a_waiting_mail(UserFactory(email=DEADLY))
    try_until_it_is_given_up(backstage, poison, MAIL, another=lambda: a_waiting_mail(seeker))
    assert len(backstage.mails()) == MAX_ATTEMPTS
    assert dead_rows_of(poison, admin) == {str(poison.pk)}


def test_a_mail_that_always_fails_is_given_up_and_holds_up_no_other(
    backstage, worker, seeker, admin
):
    poison = a_waiting_mail(UserFactory(email=REFUSED))
    is_done_in_the_run_that_fails(backstage, MAIL, a_waiting_mail(seeker))
    try_until_it_is_given_up(backstage, poison, MAIL, another=lambda: a_waiting_mail(seeker))
    assert len(backstage.mails()) == MAX_ATTEMPTS + 1
    assert dead_rows_of(poison, admin) == {str(poison.pk)}
    assert "refused" in fresh(poison).last_error
