"""The visits without what keeps people apart, for tests that must notice."""

from contextlib import contextmanager
from unittest.mock import patch

from django.db import connection
from django.db.models import QuerySet

from flatmates.services import matches
from ghar.calendar.models import Claim
from visits.services import assigning, booking, closing


@contextmanager
def sabotaged():
    """Every row lock, every lock of a pair, the turn of an agent (which locks as well: who has got a
    visit since they were counted is passed over) and the exclusion constraint are gone.
    """
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE calendar_claims DROP CONSTRAINT claim_no_overlap")
    try:
        with (
            patch.object(QuerySet, "select_for_update", lambda rows, **how: rows.all()),
            patch.object(assigning, "_check_still_open"),
            patch.object(booking, "lock_pair"),
            patch.object(closing, "lock_pair"),
            patch.object(matches, "lock_pair"),
        ):
            yield
    finally:
        Claim.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Claim, Claim._meta.constraints[0])
