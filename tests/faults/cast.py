"""`python -m tests.faults.cast NUMBER`: seekers, a home for each to visit, and agents, on the site that
runs in GHAR_VAR; prints each seeker's token and home as JSON.
"""

import json
import sys

import django

from ghar.boot.discover import use_running_servers

AGENTS = 3


def main(number: int) -> None:
    use_running_servers()
    django.setup()
    # Models cannot be imported before.
    from tests.factories import (  # noqa: PLC0415
        ApiTokenFactory,
        LiveListingFactory,
        UserFactory,
        bearer,
    )
    from tests.visits.agents import an_agent  # noqa: PLC0415

    for turn in range(AGENTS):
        an_agent(f"Agent {turn}", user=UserFactory(), daily_capacity=48)
    people = [(bearer(ApiTokenFactory()), str(LiveListingFactory().pk)) for _ in range(number)]
    sys.stdout.write(json.dumps(people))


if __name__ == "__main__":
    main(int(sys.argv[1]))
