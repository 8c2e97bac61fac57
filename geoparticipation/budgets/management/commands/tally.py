"""`manage.py tally SLUG --rule RULE [--format json|text]`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from geoparticipation.budgets.counting.count import Outcome, count_votes
from geoparticipation.budgets.counting.read_election import read_election
from geoparticipation.budgets.enums import Rule
from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.money import money
from geoparticipation.budgets.queries import get_budget
from layers.errors import Refusal


class Command(BaseCommand):
    """Count a vote; nothing is stored."""

    help = "Count the ballots of a participatory budget by a rule and print the winners; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what, how, and in which form."""
        parser.add_argument("slug", metavar="SLUG", help="address of the consultation's page")
        parser.add_argument("--rule", choices=Rule.values, help="how to count; as announced where it is not said")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the result")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count and print."""
        try:
            budget = get_budget(options["slug"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        outcome = count_votes(read_election(budget), Rule(options["rule"] or budget.rule))
        if budget.closed_at is None:
            self.stderr.write(_("The vote is not closed yet: ballots may still come in or be changed."))
        if options["format"] == "json":
            result = {"winners": list(outcome.winners), "spent": _number(outcome.spent)}
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            self._print(budget, outcome)

    def _print(self, budget: Budget, outcome: Outcome) -> None:
        titles = {project.number: project.title for project in budget.projects.on_ballot(budget).with_words()}
        found = {finding.number: finding for finding in outcome.findings}
        for number in outcome.winners:
            points, cost = found[number].points, money(found[number].cost, budget.currency)
            self.stdout.write(f"{number:>6}  {points:>6}  {cost:>14}  {titles[number]}")
        self.stdout.write(
            _("%(winners)d of %(projects)d projects, %(spent)s, from %(ballots)d ballots (%(rule)s)")
            % {
                "winners": len(outcome.winners),
                "projects": len(outcome.findings),
                "spent": money(outcome.spent, budget.currency),
                "ballots": outcome.ballots,
                "rule": outcome.rule.label,
            }
        )


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
