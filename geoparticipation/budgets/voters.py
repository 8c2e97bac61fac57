"""Who counts as one voter: the keyed hashes that stand for people, browsers and homes in one budget."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.accounts.identity import Actor
from geoparticipation.budgets.models import Budget
from geoparticipation.mailings.models import LetterboxCode
from layers.keyed_hash import keyed_hash

HALF: Final = 32
"""Half of a keyed hash."""


@dataclass(frozen=True)
class Voter:
    """The marks of one voter in one budget.

    `mark` stands for the voter; "" for a visitor whose browser has no mark yet. `browser` is the mark that the same
    browser has while nobody is signed in, where that would be a voter of its own; else "". `on_paper` is what an
    address typed from a paper stands for before it has an account.
    """

    mark: str
    browser: str = ""
    on_paper: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Whether the account is the voter, and not the browser."""
        return self.browser != self.mark


def voter_of(actor: Actor, budget: Budget, letterbox: LetterboxCode | None = None) -> Voter:
    """Who votes: by the home's code where one voice per home is asked for, else the person with a confirmed address.

    Where less is asked for, a browser without such a person is a voter, too. The same person has other marks in
    another budget. A code that stands for several dwellings does not tell one from another: there it is the code and
    the account or browser. No query.
    """
    on_paper = hash_of_paper(budget, actor.user.email) if actor.user is not None else ""
    if budget.consultation.identity_level >= IdentityLevel.HOUSEHOLD:
        if letterbox is None:
            return Voter("")
        if letterbox.uses_allowed == 1:
            return Voter(hash_of_home(budget, letterbox, f"flyer {letterbox.number}"))
        browser = hash_of_home(budget, letterbox, f"device {actor.device.key_hash}") if actor.device else ""
        if actor.user is not None:
            return Voter(hash_of_home(budget, letterbox, f"person {actor.user.pk}"), browser)
        return Voter(browser, browser)
    browser = hash_of(budget, "device", actor.device.key_hash) if actor.device is not None else ""
    if actor.user is not None and (actor.level >= IdentityLevel.EMAIL or not browser):
        anonymous = browser if budget.consultation.identity_level == IdentityLevel.DEVICE else ""
        return Voter(hash_of(budget, "person", str(actor.user.pk)), anonymous, on_paper)
    return Voter(browser, browser)


def hash_of_home(budget: Budget, letterbox: LetterboxCode, mark: str) -> str:
    """The keyed hash of a mark at a letterbox: its first half is the same for all who vote with that letterbox.

    A reminder's flyer is of the same letterbox, as far as its address is in the register.
    """
    address = letterbox.letterbox.address_id
    home = f"address {address}" if address is not None else f"letterbox {letterbox.letterbox_id}"
    return hash_of(budget, "home", home)[:HALF] + hash_of(budget, "voice of a home", f"{home} {mark}")[:HALF]


def hash_of_paper(budget: Budget, typed: str) -> str:
    """The keyed hash of what an agent typed of a voter, the same however it is typed; "" where it says nothing.

    Without accents and small; of a name its words in any order, of a date its numbers without zeros before them.
    """
    letters = unicodedata.normalize("NFKD", typed[:200]).casefold()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if "@" in plain:
        words = re.findall(r"[\w@.+-]+", plain)
    else:
        found = re.findall(r"[^\W_]+", plain)
        numbers = [word.lstrip("0") or "0" for word in found if not word.isalpha()]
        words = [*sorted(word for word in found if word.isalpha()), *numbers]
    return hash_of(budget, "paper", " ".join(words)) if words else ""


def hash_of(budget: Budget, kind: str, mark: str) -> str:
    """The keyed hash of a mark of some kind in a budget."""
    return keyed_hash("voter", str(budget.pk), kind, mark)
