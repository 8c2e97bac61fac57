"""Reading one value after another out of JSON: each method notes what is wrong and gives something to go on with."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from geoparticipation.surveys.definition.faults import Fault
from geoparticipation.surveys.definition.model import Text
from layers.plain_text import clean_text

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_CHOICE_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
MAX_LANGUAGES: Final = 10
LARGEST_NUMBER: Final = 1e12
LONGEST_CHOICE: Final = 300


@dataclass(frozen=True)
class At:
    """Where one is in the JSON, and which question or section that is, in words for a sentence."""

    where: str
    question: str
    words: str

    def at(self, member: str) -> At:
        """The same question, a member further."""
        return replace(self, where=f"{self.where}.{member}" if self.where else member)


@dataclass
class Reading:
    """What was found wrong up to now, and the languages of the survey."""

    faults: list[Fault] = field(default_factory=list)
    languages: tuple[str, ...] = ()

    def fault(self, at: At, code: str, what: str) -> None:
        """Note a fault; `what` goes on after the name of the question."""
        sentence = _("%(who)s: %(what)s") % {"who": at.words, "what": what}
        self.faults.append(Fault(at.where, at.question, code, sentence))

    def known_members(self, entry: Mapping[str, Any], known: Sequence[str], at: At) -> None:
        """Nothing else stands in the entry."""
        for name in entry:
            if name not in known:
                said = _("“%(name)s” means nothing here. Take it out; there can be: %(known)s.")
                self.fault(
                    at.at(str(name)[:40]), "member_unknown", said % {"name": str(name)[:40], "known": ", ".join(known)}
                )

    def key(self, entry: Mapping[str, Any], at: At) -> str:
        """The key of a question or section: a letter, then letters, digits and _."""
        key = entry.get("key")
        if isinstance(key, str) and _KEY.fullmatch(key):
            return key
        said = _("“key” must be a letter and then at most 39 letters without accents, digits or _, not “%(key)s”.")
        shown = str(key)[:40]
        self.fault(replace(at, words=at.where or at.words).at("key"), "key_malformed", said % {"key": shown})
        return shown

    def unique(self, keys: Sequence[str], at: At) -> None:
        """No key twice, whatever the case: files of results know no difference."""
        seen: set[str] = set()
        for key in keys:
            if key.lower() in seen:
                said = _("the key “%(key)s” stands twice. Give one of them another key.")
                self.fault(replace(at, question=key), "key_twice", said % {"key": key})
            seen.add(key.lower())

    def read_languages(self, entry: Mapping[str, Any], at: At) -> tuple[str, ...]:
        """One to ten language codes, the first the one that is always there."""
        codes = entry.get("languages")
        if (
            not isinstance(codes, list)
            or not 1 <= len(codes) <= MAX_LANGUAGES
            or not all(isinstance(code, str) and _LANGUAGE.fullmatch(code) for code in codes)
            or len(set(codes)) < len(codes)
        ):
            said = _('“languages” must list one to ten language codes, each once, as ["fr", "en"].')
            self.fault(at.at("languages"), "languages_malformed", said)
            return ()
        return tuple(codes)

    def text(self, entry: Mapping[str, Any], name: str, at: At, *, longest: int, required: bool = False) -> Text:
        """Words by language; a required one has some in at least one language."""
        said = entry.get(name)
        here = at.at(name)
        if said is None:
            said = {}
        if not isinstance(said, Mapping) or not all(isinstance(words, str) for words in said.values()):
            told = _('“%(name)s” must give the words by language, as {"fr": "…"}.')
            self.fault(here, "text_malformed", told % {"name": name})
            return {}
        languages = self.languages or tuple(said)  # which are the survey's is not known: said once, and enough
        for language in said:
            if language not in languages:
                told = _("“%(name)s” has words in “%(language)s”, which is not among the survey's languages.")
                self.fault(here, "language_unknown", told % {"name": name, "language": str(language)[:20]})
        words = {language: clean for language in languages if (clean := clean_text(said.get(language, ""), lines=True))}
        if required and not words:
            self.fault(
                here, "text_missing", _("“%(name)s” is missing. Write it in one language at least.") % {"name": name}
            )
        for language, clean in words.items():
            if len(clean) > longest:
                told = _("“%(name)s” is %(length)d characters long in “%(language)s”; at most %(longest)d fit.")
                figures = {"name": name, "length": len(clean), "language": language, "longest": longest}
                self.fault(here, "text_too_long", told % figures)
        return words

    def boolean(self, entry: Mapping[str, Any], name: str, at: At) -> bool:
        """True or false; false without."""
        value = entry.get(name, False)
        if not isinstance(value, bool):
            self.fault(at.at(name), "not_true_or_false", _("“%(name)s” must be true or false.") % {"name": name})
            return False
        return value

    def number(
        self,
        entry: Mapping[str, Any],
        name: str,
        at: At,
        *,
        least: float | None = None,
        most: float = LARGEST_NUMBER,
        usual: float | None = None,
        required: bool = False,
        above: float | None = None,
    ) -> float | None:
        """A number within limits (`above`: and larger than that); `usual` without one."""
        value = entry.get(name)
        if value is None and not required:
            return usual
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER
        fits = fits and math.isfinite(value)  # type: ignore[arg-type]
        if fits and (least is None or value >= least) and value <= most and (above is None or value > above):  # type: ignore[operator]
            return value
        lowest = -LARGEST_NUMBER if least is None and above is None else least if least is not None else above
        told = _("“%(name)s” must be a number between %(least)s and %(most)s.")
        if above is not None:
            told = _("“%(name)s” must be a number above %(least)s, and at most %(most)s.")
        self.fault(at.at(name), "number_malformed", told % {"name": name, "least": f"{lowest:g}", "most": f"{most:g}"})
        return usual if usual is not None else least

    def whole(
        self,
        entry: Mapping[str, Any],
        name: str,
        at: At,
        *,
        least: int,
        most: int,
        usual: int | None = None,
        required: bool = False,
    ) -> int | None:
        """A whole number within limits; `usual` without one."""
        value = entry.get(name)
        if value is None and not required:
            return usual
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        told = _("“%(name)s” must be a whole number between %(least)s and %(most)s.")
        self.fault(at.at(name), "number_malformed", told % {"name": name, "least": least, "most": most})
        return usual if usual is not None else least

    def ordered(self, lower: float | None, upper: float | None, names: tuple[str, str], at: At) -> None:
        """The first is not above the second."""
        if lower is not None and upper is not None and lower > upper:
            told = _("“%(lower)s” is above “%(upper)s”: no answer would fit. Change one of them.")
            self.fault(at.at(names[0]), "limits_crossed", told % {"lower": names[0], "upper": names[1]})

    def day(self, entry: Mapping[str, Any], name: str, at: At) -> str | None:
        """A date as YYYY-MM-DD."""
        value = entry.get(name)
        if value is None:
            return None
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                date.fromisoformat(value)
            except ValueError:
                pass
            else:
                return value
        self.fault(at.at(name), "date_malformed", _("“%(name)s” must be a date as 2026-06-30.") % {"name": name})
        return None

    def one_of(self, entry: Mapping[str, Any], name: str, at: At, known: Sequence[str], usual: str) -> str:
        """One of a closed list."""
        value = entry.get(name, usual)
        if value in known:
            return str(value)
        told = _("“%(name)s” must be one of: %(known)s.")
        self.fault(at.at(name), "choice_unknown", told % {"name": name, "known": ", ".join(known)})
        return usual

    def objects(
        self, entry: Mapping[str, Any], name: str, at: At, *, at_most: int, at_least: int = 1
    ) -> list[Mapping[str, Any]]:
        """A list of objects, of so many; what is none is left out."""
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
            self.fault(at.at(name), "list_malformed", _("“%(name)s” must be a list of objects.") % {"name": name})
            return []
        if not at_least <= len(value) <= at_most:
            told = _("“%(name)s” has %(count)d entries; there must be between %(least)d and %(most)d.")
            figures = {"name": name, "count": len(value), "least": at_least, "most": at_most}
            self.fault(at.at(name), "too_few" if len(value) < at_least else "too_many", told % figures)
        return value[:at_most]

    def keyed(
        self, entry: Mapping[str, Any], name: str, at: At, *, at_most: int, reserved: Sequence[str] = ()
    ) -> list[tuple[str, Text, Mapping[str, Any], At]]:
        """A list of things with a key and a label: key, label, the whole entry, and where it is."""
        found = []
        for number, said in enumerate(self.objects(entry, name, at, at_most=at_most)):
            here = at.at(f"{name}[{number}]")
            key = said.get("key")
            if not isinstance(key, str) or not _CHOICE_KEY.fullmatch(key) or key in reserved:
                told = _("the key “%(key)s” in “%(name)s” must be 1 to 40 letters without accents, digits, - or _.")
                if key in reserved:
                    told = _("the key “%(key)s” in “%(name)s” stands for one's own words. Take another one.")
                self.fault(here.at("key"), "key_malformed", told % {"key": str(key)[:40], "name": name})
                key = str(key)[:40]
            found.append((key, self.text(said, "label", here, longest=LONGEST_CHOICE, required=True), said, here))
        self.unique([key for key, _label, _said, _here in found], at.at(name))
        return found
