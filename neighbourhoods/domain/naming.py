"""How names and house numbers are written, and the one form in which they are compared.

`search_form` is stored beside every name and made of every query, so that both meet in the same spelling.
It is for comparing only and never shown: "rue du Col" may well be kept as "rue du colonel", as long as it always is.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

SEARCH_FORM_LENGTH: Final = 200
"""Longest search form in characters (the column of a street's name); cut at a word."""

_LARGEST_HOUSE_NUMBER: Final = 999_999

Where = Literal["any", "first", "last", "not last", "end of word", "dotted end of word"]
"""Where an abbreviation counts: as a word in that position of a name of several words, or ending a longer word."""

FR_POST = "La Poste, norme AFNOR XP Z10-011, abréviations des types de voie"
FR_LOCAL = "usage of French registers (BAN, Dans Ma Rue) and OSM wiki, Name finder:Abbreviations, Français"
BE = "Belgian usage (BeSt, UrbIS); OSM wiki, Name finder:Abbreviations, Nederlands and Français"
DE = "Duden, Abkürzungen; OSM wiki, Name finder:Abbreviations, Deutsch"
FI = "OSM wiki, Name finder:Abbreviations, Suomi; Helsinki usage (Aleksanterink. = Aleksanterinkatu)"
SV = "OSM wiki, Name finder:Abbreviations, Svenska"
EN = "USPS Publication 28, appendix C1; Royal Mail usage"


@dataclass(frozen=True)
class Abbreviation:
    """One short form and what it stands for, likeliest first: the search form takes the first, a query tries all."""

    short: str
    full: tuple[str, ...]
    where: Where
    source: str


def _table(source: str, where: Where, entries: str) -> list[Abbreviation]:
    """Read `short=full|other full` entries separated by commas."""
    pairs = (entry.strip().split("=") for entry in entries.split(",") if entry.strip())
    return [Abbreviation(short, tuple(full.split("|")), where, source) for short, full in pairs]


ABBREVIATIONS: Final[tuple[Abbreviation, ...]] = (
    # "St" opens a saint's name and closes an English street's: the position decides, a query tries both.
    *_table(f"{FR_LOCAL}; {BE}; {DE}; {EN}", "last", "st=street|saint|sint|sankt, dr=drive|docteur"),
    *_table(f"{FR_LOCAL}; {BE}; {DE}", "not last", "st=saint|sint|sankt|street, ste=sainte, sts=saints"),
    *_table(FR_LOCAL, "first", "r=rue"),
    *_table(
        FR_POST,
        "any",
        "av=avenue, ave=avenue, bd=boulevard, bld=boulevard, bvd=boulevard, blvd=boulevard, boul=boulevard, all=allee, "
        "imp=impasse, rte=route, che=chemin, chs=chaussee, crs=cours, esp=esplanade, fg=faubourg, fbg=faubourg, "
        "ham=hameau, lot=lotissement, pas=passage, psg=passage, prom=promenade, res=residence, rpt=rond point, "
        "sq=square, sqr=square, tra=traverse, vlge=village",
    ),
    *_table(
        FR_LOCAL,
        "any",
        "adj=adjudant, cap=capitaine, cne=capitaine, cdt=commandant, cmdt=commandant, chan=chanoine, col=colonel, "
        "dr=docteur, gal=general, gen=general, lt=lieutenant, mal=marechal, mlle=mademoiselle, mme=madame, "
        "mgr=monseigneur, nd=notre dame, n d=notre dame, pdt=president, prof=professeur, pr=professeur, sgt=sergent, "
        "vx=vieux, gd=grand, gde=grande, gds=grands, ptt=petit",
    ),
    *_table(
        BE,
        "any",
        "ch=chemin|chaussee, chee=chaussee, bourgm=bourgmestre, burgem=burgemeester, gouv=gouverneur, ing=ingenieur, "
        "stwg=steenweg, stw=steenweg, pln=plein",
    ),
    *_table(f"{DE}; {BE}; {EN}", "any", "str=strasse|straat|street, pl=place|platz|plein, ln=lane|laan"),
    *_table(f"{DE}; {BE}", "end of word", "str=strasse|straat, stwg=steenweg, stw=steenweg"),
    *_table(f"{DE}; {SV}", "dotted end of word", "wg=weg, pl=platz|plein|plan, ln=laan, g=gasse|gatan, v=vagen"),
    *_table(FI, "dotted end of word", "k=katu, t=tie"),
    *_table(EN, "any", "rd=road, hwy=highway, ct=court, pkwy=parkway, mt=mount, cl=close, gdns=gardens, ter=terrace"),
)

_BY_WHERE: Final[dict[Where, dict[str, tuple[str, ...]]]] = {}
for _entry in ABBREVIATIONS:
    _BY_WHERE.setdefault(_entry.where, {}).setdefault(_entry.short, _entry.full)
_PAIRS: Final = {short: full for short, full in _BY_WHERE["any"].items() if " " in short}

_FIRST_READINGS: Final = {entry.full[0] for entry in ABBREVIATIONS}
_CANONICAL: Final[dict[str, str]] = {
    other: entry.full[0]
    for entry in ABBREVIATIONS
    for other in entry.full[1:]
    if entry.where != "last" and other not in _FIRST_READINGS
}
"""Another reading of an ambiguous abbreviation → the one that search forms hold ("sint" → "saint")."""

_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_WORD: Final = re.compile(r"[^\W_]+\.?")


def plain_text(text: str) -> str:
    """Lower case without accents or ligatures; ß → ss. Punctuation stays."""
    for _ in range(4):  # folding may bring up an accent and the reverse; every known character is stable after two
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Mn").translate(_LETTERS)
        if folded == text:
            break
        text = folded
    return text


def _readings(word: str, dotted: bool, position: int, last: int) -> tuple[str, ...]:
    """What a word may stand for, likeliest first; the word itself where it is no abbreviation."""
    several = last > 0
    if several and position == last and word in _BY_WHERE["last"]:
        return _BY_WHERE["last"][word]
    if word in _BY_WHERE["not last"]:
        return _BY_WHERE["not last"][word]
    if several and position == 0 and word in _BY_WHERE["first"]:
        return _BY_WHERE["first"][word]
    if word in _BY_WHERE["any"]:
        return _BY_WHERE["any"][word]
    places: tuple[Where, ...] = ("end of word", "dotted end of word") if dotted else ("end of word",)
    for where in places:
        for short, full in _BY_WHERE[where].items():
            if word.endswith(short) and len(word) >= len(short) + 3 and word.isalpha():
                return tuple(word.removesuffix(short) + reading for reading in full)
    return (word,)


def _words(text: str) -> list[tuple[str, ...]]:
    """The words of a text, each with its possible readings."""
    found = [(match.group().rstrip("."), match.group().endswith(".")) for match in _WORD.finditer(plain_text(text))]
    words: list[tuple[str, ...]] = []
    position = 0
    while position < len(found):
        pair = f"{found[position][0]} {found[position + 1][0]}" if position + 1 < len(found) else ""
        if pair in _PAIRS:
            words.append(_PAIRS[pair])
            position += 2
            continue
        words.append(_readings(*found[position], position, len(found) - 1))
        position += 1
    return words


def _cut(form: str) -> str:
    if len(form) <= SEARCH_FORM_LENGTH:
        return form
    cut = form[: SEARCH_FORM_LENGTH + 1]
    return cut.rpartition(" ")[0] if " " in cut else cut[:SEARCH_FORM_LENGTH]


def search_form(name: str) -> str:
    """Return the form in which a name is compared: lower case, no accents, abbreviations written out, single spaces.

    "Bd. St-Michel" → "boulevard saint michel", "Dorfstr." → "dorfstrasse", "N.-D. des Champs" → "notre dame des
    champs". At most 200 characters. `search_form(search_form(x)) == search_form(x)`.
    """
    return _cut(" ".join(readings[0] for readings in _words(name)))


def search_variants(query: str, *, limit: int = 6) -> tuple[str, ...]:
    """Return the search forms a query may mean, likeliest first: at most `limit`, at least one ("" of nothing).

    The last word may be unfinished, so it is also taken as typed: "rue st" is "rue street", "rue saint" and the
    beginning of "rue stephenson". A word such as "sint" is also tried as the "saint" that an abbreviating register
    was read as.
    """
    words = _words(query)
    choices: list[list[str]] = []
    for position, readings in enumerate(words):
        options = list(readings)
        if position == len(words) - 1:
            typed = plain_text(query).rstrip(" .,;-'").split()
            tail = _WORD.findall(typed[-1])[-1:] if typed else []
            options += [word.rstrip(".") for word in tail]
        options += [_CANONICAL[option] for option in options if option in _CANONICAL]
        choices.append(list(dict.fromkeys(options)))
    # Readings further down their lists are less likely: go by how far down they are in all.
    bounded = itertools.islice(itertools.product(*(range(len(options)) for options in choices)), 256)
    ranked = sorted(bounded, key=lambda pick: (sum(pick), pick))
    forms = (_cut(" ".join(choices[at][index] for at, index in enumerate(pick))) for pick in ranked)
    return tuple(itertools.islice(dict.fromkeys(forms), limit)) or ("",)


@dataclass(frozen=True)
class HouseNumber:
    """A house number taken apart: "12 bis bte 4" → 12, "bis", "4". `number` is None where there is none."""

    number: int | None
    suffix: str = ""
    box: str = ""


_BOX_WORD: Final = (
    r"boite|bte|bt|bus|box|appartement|appart|appt|apt|app|wohnung|whg|unit|flat|suite|asunto|as|lgh|top|etage|b\."
)
_HOUSE_NUMBER: Final = re.compile(
    rf"""^\W*
    (?:(?P<before>[a-z]{{1,2}})[\s.-]*(?=\d))?          # A 12
    (?P<number>\d+)
    (?:\s*(?P<range>[-–—]\s*\d+\s*[a-z]?(?![\w])))?     # 12-14, 12-14a
    (?:[\s/,.-]*(?P<suffix>bis|ter|quater|quinquies|(?!(?:{_BOX_WORD})(?![a-z]))[a-z](?![a-z])))?
    (?:(?:[\s,.;-]*(?:{_BOX_WORD})[\s.:]*|\s*[/\#]\s*|\s*(?=\d)|\s+)
        (?P<box>[a-z]?\d+[\s.]*[a-z]?(?![a-z\d])|[a-z](?![a-z\d])))?
    (?P<rest>.*)$""",
    re.VERBOSE | re.DOTALL,
)


def parse_house_number(text: str) -> HouseNumber:
    """Take a house number apart; never raises. Suffix and box come in lower case without accents.

    "12 bis" → (12, "bis"), "12/3", "12 b.3" and "12 boîte 3" → (12, "", "3"), "12 A 3" → (12, "a", "3"),
    "12-14" → (12, "-14"), "A 12" → (12, "a"), "s/n" → (None). What is not understood stays in the suffix.
    Suffixes are cut at 30 characters and boxes at 40; numbers above 999,999 are no house numbers.
    """
    plain = plain_text(text).strip()
    match = _HOUSE_NUMBER.match(plain)
    if match is None:
        return HouseNumber(None)
    digits = match["number"]
    if len(digits) > 9 or int(digits) > _LARGEST_HOUSE_NUMBER:
        return HouseNumber(None)
    rest = " ".join(re.findall(r"[^\W_]+", match["rest"]))
    parts = [re.sub(r"\s", "", match["range"] or "").replace("–", "-").replace("—", "-"), match["suffix"] or ""]
    parts += [match["before"] or "", rest]
    suffix = " ".join(part for part in parts if part)[:30].rstrip()
    return HouseNumber(int(digits), suffix, re.sub(r"[\s.]", "", match["box"] or "")[:40])
