"""State tables: which verb leads from which states to which, and who may use it.

Each app states one TRANSITIONS table; services, policies, the database trigger, the diagrams in
docs/ and the truth-table tests are all read from it.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Transition(NamedTuple):
    verb: str
    sources: frozenset[str]
    target: str
    actors: frozenset[str]


def row(verb: str, sources: Iterable[str], target: str, actors: Iterable[str]) -> Transition:
    return Transition(verb, frozenset(map(str, sources)), str(target), frozenset(actors))


class Transitions:
    """A state table. A verb may stand in several rows as long as (verb, source) is unique."""

    def __init__(self, *rows: Transition) -> None:
        self.rows = rows
        self._by_step = {(r.verb, source): r for r in rows for source in r.sources}

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.rows)

    def find(self, verb: str, source: str) -> Transition | None:
        return self._by_step.get((verb, source))

    def allowed(self, source: str, actor: str) -> list[str]:
        """Verbs that `actor` may use in state `source`, in table order."""
        return list(
            dict.fromkeys(r.verb for r in self.rows if source in r.sources and actor in r.actors)
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Every (source, target) pair that changes the state, sorted."""
        return sorted({(s, r.target) for r in self.rows for s in r.sources if s != r.target})

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2"]
        for r in self.rows:
            lines += [f"    {source} --> {r.target}: {r.verb}" for source in sorted(r.sources)]
        return "\n".join(lines) + "\n"
