"""An election as the counting sees it: plain values, no database."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from geoparticipation.budgets.enums import Method, TieRule


@dataclass(frozen=True)
class Candidate:
    """A project put to the vote; `envelope` is the key of the one it is paid from."""

    number: str
    cost: Decimal
    envelope: int


@dataclass(frozen=True)
class Vote:
    """One ballot: numbers of projects with the points that each gets (1 where a ballot has no points)."""

    points: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Election:
    """All that a result depends on. Amounts of the envelopes by their key."""

    candidates: tuple[Candidate, ...]
    envelopes: dict[int, Decimal]
    votes: tuple[Vote, ...]
    method: Method
    tie_rule: TieRule
    tie_word: str = ""

    @cached_property
    def points(self) -> Counter[str]:
        """What each project got: votes, or points where people share out points or rank."""
        counted: Counter[str] = Counter({candidate.number: 0 for candidate in self.candidates})
        for vote in self.votes:
            for number, points in vote.points:
                counted[number] += points
        return counted

    @cached_property
    def voters(self) -> Counter[str]:
        """On how many ballots each project is."""
        counted: Counter[str] = Counter({candidate.number: 0 for candidate in self.candidates})
        for vote in self.votes:
            counted.update(number for number, _points in vote.points)
        return counted

    def part(self, envelope: int) -> Election:
        """The election of one envelope: its projects, and the ballots that have one of them.

        Of an election with a single envelope all ballots count, also those without any project: they carry their
        part of the money in the method of equal shares.
        """
        candidates = tuple(candidate for candidate in self.candidates if candidate.envelope == envelope)
        numbers = {candidate.number for candidate in candidates}
        votes = [Vote(tuple(choice for choice in vote.points if choice[0] in numbers)) for vote in self.votes]
        if len(self.envelopes) > 1:
            votes = [vote for vote in votes if vote.points]
        amounts = {envelope: self.envelopes[envelope]}
        return Election(candidates, amounts, tuple(votes), self.method, self.tie_rule, self.tie_word)

    def tie_key(self, number: str, cost: Decimal) -> tuple[Any, ...]:
        """Which of two level projects goes first: the one with the smaller key. No two projects have the same."""
        last = (natural(number), number)
        if self.tie_rule == TieRule.CHEAPER:
            return (cost, *last)
        if self.tie_rule == TieRule.TEXT:
            return (number,)
        if self.tie_rule == TieRule.LOT:
            return (hashlib.sha256(f"{self.tie_word}:{number}".encode()).hexdigest(), *last)
        return last


def natural(number: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts project numbers as people do: 9 before 10, A-2 before A-10."""
    parts = re.findall(r"\d+|\D+", number)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
