from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.conftest import start, var
from tests.faults.processes import Backstage

__all__ = ["backstage", "start", "var"]


@pytest.fixture
def backstage(transactional_db: None, tmp_path: Path) -> Iterator[Backstage]:
    """Ended before the database is emptied: a worker must not hold what has to go."""
    backstage = Backstage(tmp_path)
    yield backstage
    backstage.end()
