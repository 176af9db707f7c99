"""Two ways of doing a thing, timed in turns in one run, so that a busy machine slows both."""

from collections.abc import Callable
import statistics
import time

Clock = Callable[[], float]


def median_ms(
    call: Callable[[], object], *, rounds: int, clock: Clock = time.perf_counter
) -> float:
    times = []
    for _ in range(rounds):
        started = clock()
        call()
        times.append(clock() - started)
    return statistics.median(times) * 1000


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int = 15,
    clock: Clock = time.perf_counter,
) -> float:
    """Print both medians and how many times longer `theirs` takes; answers that ratio."""
    ours(), theirs()  # the first call pays for plans and caches
    pairs = [
        (median_ms(ours, rounds=1, clock=clock), median_ms(theirs, rounds=1, clock=clock))
        for _ in range(rounds)
    ]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"\n{name}: {mine:.2f} ms against {other:.2f} ms, ratio {other / mine:.2f}")
    return other / mine
