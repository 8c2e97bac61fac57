"""The demo's participatory budgets: 40,000 € that are voted on now, and last year's, counted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from django.utils import timezone

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.accounts.models import User
from geoparticipation.budgets.ballot_paper import BallotPaper, Choice, ballot_paper
from geoparticipation.budgets.domain.cast_ballot import store_ballot
from geoparticipation.budgets.domain.close_vote import close_vote
from geoparticipation.budgets.domain.paper_ballots import enter_paper_ballot
from geoparticipation.budgets.domain.projects import decide_project
from geoparticipation.budgets.domain.save_budget import EnvelopeInput, save_budget
from geoparticipation.budgets.enums import BallotOrigin, Method, OnePer, ProjectState, Rule, TieRule
from geoparticipation.budgets.models import Budget
from geoparticipation.budgets.voters import hash_of
from geoparticipation.consultations.domain import apply_process_template, publish_consultation, save_consultation
from geoparticipation.consultations.enums import ModerationRule
from geoparticipation.consultations.models import Consultation
from geoparticipation.contributions.domain import submit_contribution
from geoparticipation.contributions.enums import Kind, LocatedBy
from geoparticipation.demo_town.budget_texts import PAST_WISHES, WISHES, Wish
from geoparticipation.demo_town.places import PlaceMaker
from geoparticipation.demo_town.texts import Shape
from geoparticipation.moderation.domain import mark_read
from neighbourhoods.models import Street

VOTERS = 212
PAST_VOTERS = 346


def load_budgets(*, agent: User, colleague: User, people: Sequence[User], streets: list[Street], seed: int) -> None:
    """Make both budgets, through the same functions as the pages."""
    today = timezone.localdate()
    _Vote(agent, colleague, people, PlaceMaker(streets, seed), seed).hold_past(today)
    _Vote(agent, colleague, people, PlaceMaker(streets, seed + 1), seed + 1).hold_now(today)


class _Vote:
    """One budget from ideas to ballots."""

    def __init__(self, agent: User, colleague: User, people: Sequence[User], places: PlaceMaker, seed: int) -> None:
        self._agent, self._colleague, self._people, self._places = agent, colleague, people, places
        self._random = random.Random(seed)  # noqa: S311  (a demo, not a secret)

    def hold_now(self, today: date) -> None:
        """34 ideas, 24 of them put to the vote, a closed envelope, a help point; the vote has run for a week."""
        consultation = self._consultation(
            "40 000 € pour le quartier",
            "Vous avez proposé 34 idées. 24 sont au vote : dépensez l’enveloppe, un peu comme un échevin.",
            today - timedelta(days=91),
        )
        budget = save_budget(
            user=self._agent,
            consultation=consultation,
            envelopes=[EnvelopeInput(Decimal(40_000))],
            method=Method.ENVELOPE,
            max_projects=0,
            rule=Rule.GREEDY_VOTES,
            tie_rule=TieRule.CHEAPER,
            open_to_outside=True,
        )
        self._decide(budget, WISHES, today - timedelta(days=88))
        self._vote(budget, VOTERS, WISHES)
        paper = ballot_paper(budget)
        for number in range(1, 4):
            choices = self._filled(paper, WISHES)
            name = f"Personne {number}, née en 19{40 + number}"
            for user in (self._agent, self._colleague)[: 1 if number == 3 else 2]:
                enter_paper_ballot(user=user, budget=budget, paper_number=f"P-{number:03}", voter=name, choices=choices)

    def hold_past(self, today: date) -> None:
        """Last year's: up to three projects, one of each category, counted by equal shares."""
        consultation = self._consultation(
            "Budget participatif de l’an dernier",
            "30 000 € ont été répartis par vous. Voici ce qui a été choisi, et pourquoi.",
            today - timedelta(days=380),
        )
        budget = save_budget(
            user=self._agent,
            consultation=consultation,
            envelopes=[EnvelopeInput(Decimal(30_000))],
            max_projects=3,
            one_per=OnePer.CATEGORY,
            rule=Rule.EQUAL_SHARES,
            tie_rule=TieRule.LOT,
            tie_word="kiosque",
            open_to_outside=True,
        )
        self._decide(budget, PAST_WISHES, today - timedelta(days=375))
        self._vote(budget, PAST_VOTERS, PAST_WISHES)
        close_vote(user=self._agent, budget=budget)

    def _consultation(self, title: str, summary: str, starts_on: date) -> Consultation:
        consultation = save_consultation(
            user=self._agent,
            title=title,
            summary=summary,
            description=(
                "<p>La commune réserve une somme à vos projets : un lieu, un prix, un entretien prévu.</p>"
                "<h3>Comment cela se passe</h3><ol><li>Vous proposez.</li><li>Les services calculent le prix et disent"
                " ce qui est possible.</li><li>Vous votez, d’ici ou d’ailleurs : une personne, un bulletin.</li>"
                "<li>Nous réalisons.</li></ol>"
            ),
            language="fr",
            identity_level=IdentityLevel.EMAIL,
            moderation=ModerationRule.AFTER,
            political_lead="Nadia Ferrand, échevine de la participation",
            operational_lead="Luc Marchal, service participation",
            help_place="Maison de quartier, guichet du rez-de-chaussée",
            help_phone="+000 11 22 55",
            help_hours="mercredi, de 9 h à 17 h",
        )
        apply_process_template(
            consultation=consultation, template="ideas", starts_on=starts_on, days=(42, 42, 28, None), user=self._agent
        )
        return publish_consultation(consultation=consultation, user=self._agent)

    def _decide(self, budget: Budget, wishes: Sequence[Wish], first: date) -> None:
        moment = datetime.combine(first, datetime.min.time(), tzinfo=timezone.get_current_timezone())
        for position, wish in enumerate(wishes):
            shape = cast(Shape, wish.shape)
            geometry, _street = self._places.make(shape)
            person = self._people[position % len(self._people)]
            idea = submit_contribution(
                actor=Actor(user=person, level=IdentityLevel.EMAIL),
                consultation=budget.consultation,
                kind=Kind.PROPOSAL,
                title=wish.title,
                body=wish.body,
                geometry=geometry,
                located_by=LocatedBy.PIN if shape == "point" else LocatedBy.DRAWN,
                language=wish.language,
                charter_accepted=True,
                at=moment + timedelta(hours=17 * position + 9),
            )
            mark_read(contribution=idea, moderator=self._agent)
            decide_project(
                user=self._agent,
                budget=budget,
                contribution=idea,
                state=ProjectState.REFUSED if wish.refusal else ProjectState.SHORTLISTED,
                cost=Decimal(wish.cost) if wish.cost else None,
                upkeep=Decimal(wish.upkeep),
                category=wish.category,
                reason=wish.refusal,
            )

    def _vote(self, budget: Budget, voters: int, wishes: Sequence[Wish]) -> None:
        paper = ballot_paper(budget)
        phase = budget.consultation.phases.get(kind="vote")
        length = min(phase.ends_at or timezone.now(), timezone.now()) - phase.starts_at
        for voter in range(voters):
            filled = BallotPaper(budget, paper.projects, paper.envelopes, self._filled(paper, wishes))
            store_ballot(
                paper=filled,
                voter_hash=hash_of(budget, "demo", str(voter)),
                origin=BallotOrigin.WEB,
                at=phase.starts_at + length * self._random.random(),
            )

    def _filled(self, blank: BallotPaper, wishes: Sequence[Wish]) -> list[Choice]:
        """A ballot that would be taken: projects drawn by their popularity, as long as they fit."""
        popularity = {wish.title: wish.popularity for wish in wishes}
        drawn = sorted(blank.projects, key=lambda project: -(self._random.random() ** (1 / popularity[project.title])))
        choices: list[Choice] = []
        for project in drawn:
            if len(choices) < self._random.randint(3, 7) and BallotPaper(
                blank.budget, blank.projects, blank.envelopes, choices
            ).fits(project):
                choices.append(Choice(project.number))
        return choices
