"""One of the writers of the measure: a process that stores contributions one after the other.

    python -m geoparticipation.benchmarks.writer COUNT SEED   (with DATABASE_URL)

Says "ready", waits for a line, then prints how many milliseconds each contribution took.
"""

from __future__ import annotations

import os
import random
import sys


def main(count: int, seed: int) -> None:
    """Store the contributions."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoparticipation.settings")
    import django

    django.setup()
    from geoparticipation.accounts.enums import IdentityLevel
    from geoparticipation.accounts.identity import Actor
    from geoparticipation.benchmarks.table import duration_ms
    from geoparticipation.benchmarks.town import BenchTown
    from geoparticipation.benchmarks.writing import anywhere
    from geoparticipation.contributions.domain import submit_contribution
    from geoparticipation.contributions.enums import Kind

    town = BenchTown()
    actor = Actor(user=town.agent, level=IdentityLevel.EMAIL)
    chance = random.Random(seed)  # noqa: S311 (a measure, not a secret)

    def submit() -> None:
        submit_contribution(
            actor=actor, consultation=town.consultation, kind=Kind.PROPOSAL, title="Idea", body="Text",
            geometry=anywhere(chance),
        )  # fmt: skip

    submit()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(" ".join(f"{duration_ms(submit):.3f}" for _ in range(count)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
