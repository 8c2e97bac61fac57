"""Toulouse 2022 held again: the real ballots, at their real times, from several clients at once."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from pabutools.election import parse_pabulib

from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import Device
from geoparticipation.budgets.ballot_paper import Choice
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.models import Budget
from tests.fixtures.real_data import real_file

Cast = tuple[datetime, str, list[str]]


def real_casts(votes: Path, numbers: set[str]) -> list[Cast]:
    """When each voter checked out and what of these projects was in the cart, in the order of the clock."""
    carts: defaultdict[str, list[str]] = defaultdict(list)
    times: dict[str, datetime] = {}
    with votes.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["project_id"] in numbers:
                carts[row["ID"]].append(row["project_id"])
                at = datetime.fromisoformat(row["checked_out_at"])
                times[row["ID"]] = at.replace(tzinfo=timezone.get_current_timezone())
    return sorted((times[voter], voter, cart) for voter, cart in carts.items())


def actor_at(voter: str) -> Actor:
    """A visitor with a browser of their own."""
    return Actor(device=Device(key_hash=hashlib.sha256(voter.encode()).hexdigest()))


def replay(budget: Budget, casts: list[Cast], *, clients: int) -> list[Exception]:
    """Each client sends all ballots, in the order of the clock; returns what went wrong."""
    failures: list[Exception] = []

    def vote() -> None:
        try:
            for at, voter, cart in casts:
                cast_ballot(actor=actor_at(voter), budget=budget, choices=[Choice(number) for number in cart], at=at)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=vote) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_a_real_district_votes_again_and_each_voter_counts_once(tmp_path: Path) -> None:
    path = real_file("toulouse-pb/pb/France_Toulouse_2022_7_-_Sept_Deniers_Ginestous-Sesquieres_Lalande.pb")
    instance, profile = parse_pabulib(str(path))
    text = path.read_text(encoding="utf-8-sig")
    (tmp_path / "projects.pb").write_text(text[: text.index("VOTES")] + "VOTES\nvoter_id;vote\n", encoding="utf-8")
    districts = real_file("toulouse-pb/quartiers.geojson")
    call_command("import_pb", str(tmp_path / "projects.pb"), consultation="again", districts=districts, verbosity=0)
    budget = Budget.objects.get()
    casts = real_casts(real_file("toulouse-pb/votes_2022_timestamped.csv"), {project.name for project in instance})

    failures = replay(budget, casts, clients=2)

    assert failures == []
    assert len(casts) == profile.num_ballots() == budget.ballots.count()
    votes = budget.projects.annotate(votes=Count("choices")).values_list("number", "votes")
    assert dict(votes) == {project.name: int(instance.project_meta[project]["votes"]) for project in instance}
    first = budget.ballot_events.filter(kind="cast").order_by("at").values_list("at", flat=True)
    assert list(first) == [at for at, _voter, _cart in casts]
