"""The surroundings of the tests serve the benchmarks too."""

from tests.conftest import surroundings, tasks_run_at_once
from tests.faults.conftest import backstage

__all__ = ["backstage", "surroundings", "tasks_run_at_once"]
