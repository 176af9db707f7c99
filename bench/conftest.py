"""The surroundings of the tests serve the benchmarks too."""

from tests.conftest import surroundings, tasks_run_at_once

__all__ = ["surroundings", "tasks_run_at_once"]
