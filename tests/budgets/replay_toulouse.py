"""All of Toulouse 2022 held again: 199 projects, 4,532 ballots at their real times, four clients at once.

It takes some minutes, so that it is not one of the tests; a district of it is (`test_toulouse_replay`). To hold it:
`.venv/bin/python -m pytest tests/budgets/replay_toulouse.py`.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from pabutools.election import Cardinality_Sat, Cost_Sat, parse_pabulib
from pabutools.rules import completion_by_rule_combination, greedy_utilitarian_welfare, method_of_equal_shares

from geoparticipation.budgets.ballot_paper import Choice
from geoparticipation.budgets.domain.cast_ballot import cast_ballot
from geoparticipation.budgets.models import Budget
from tests.budgets.test_toulouse_replay import Cast, actor_at, real_casts
from tests.fixtures.real_data import real_file

CLIENTS = 4


def send(budget: Budget, casts: list[Cast], client: int, failures: list[Exception]) -> None:
    """What one client sends: a half of the ballots, so that each ballot comes from two clients."""
    try:
        for place, (at, voter, cart) in enumerate(casts):
            if place % CLIENTS in {client, (client + 1) % CLIENTS}:
                cast_ballot(actor=actor_at(voter), budget=budget, choices=[Choice(number) for number in cart], at=at)
    except Exception as error:
        failures.append(error)
    finally:
        connection.close()


def bag(profile: Any) -> Counter[frozenset[str]]:
    """Ballots whatever their order."""
    return Counter(frozenset(project.name for project in ballot) for ballot in profile)


@pytest.mark.django_db(transaction=True)
def test_the_whole_vote(tmp_path: Path) -> None:
    path = real_file("toulouse-pb/pb/France_Toulouse_2022.pb")
    instance, profile = parse_pabulib(str(path))
    text = path.read_text(encoding="utf-8-sig")
    (tmp_path / "projects.pb").write_text(text[: text.index("VOTES")] + "VOTES\nvoter_id;vote\n", encoding="utf-8")
    districts = real_file("toulouse-pb/quartiers.geojson")
    call_command("import_pb", str(tmp_path / "projects.pb"), consultation="again", districts=districts, verbosity=0)
    budget = Budget.objects.get()
    casts = real_casts(real_file("toulouse-pb/votes_2022_timestamped.csv"), {project.name for project in instance})
    failures: list[Exception] = []
    clients = [threading.Thread(target=send, args=(budget, casts, number, failures)) for number in range(CLIENTS)]

    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert failures == []
    assert budget.projects.filter(contribution__located_by="district").count() == 199
    assert len(casts) == profile.num_ballots() == budget.ballots.count() == 4532
    votes = budget.projects.annotate(votes=Count("choices")).values_list("number", "votes")
    assert dict(votes) == {project.name: int(instance.project_meta[project]["votes"]) for project in instance}
    first = budget.ballot_events.filter(kind="cast").order_by("at").values_list("at", flat=True)
    assert list(first) == [at for at, _voter, _cart in casts]
    shares_then_greedy = completion_by_rule_combination(
        instance,
        profile,
        [method_of_equal_shares, greedy_utilitarian_welfare],
        [{"sat_class": Cost_Sat}, {"sat_class": Cost_Sat}],
    )
    for rule, chosen in {
        "greedy-votes": greedy_utilitarian_welfare(instance, profile, sat_class=Cost_Sat),
        "greedy-cost": greedy_utilitarian_welfare(instance, profile, sat_class=Cardinality_Sat),
        "equal-shares": shares_then_greedy,
    }.items():
        out = io.StringIO()
        call_command("tally", "again", rule=rule, format="json", stdout=out, stderr=io.StringIO())
        assert json.loads(out.getvalue())["winners"] == [project.name for project in chosen]
    call_command("export_pb", "again", output=tmp_path / "out.pb", stderr=io.StringIO())
    again, ballots = parse_pabulib(str(tmp_path / "out.pb"))
    assert (again, again.budget_limit, bag(ballots)) == (instance, instance.budget_limit, bag(profile))
    said = [{p.name: election.project_meta[p] for p in election} for election in (instance, again)]
    assert said[0] == said[1]
