"""Targets in words: « Rue Haute · côté pair · du 2 au 60 », « sauf Parc Sud »."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from neighbourhoods.enums import PartKind, PartOperation, Side
from neighbourhoods.models import District, TargetPart


def parts_to_read(path: str = "parts") -> Prefetch:
    """Prefetch what `part_in_words` reads of targets, without the streets' and districts' geometry; one query.

    `path` leads to the parts from whatever is looked up: "target__parts" for consultations.
    """
    parts = TargetPart.objects.select_related("street", "district__release__level")
    return Prefetch(path, parts.defer("street__geometry", "street__surface", "district__geometry"))


PARTS_TO_READ = parts_to_read()


def sentence_pieces() -> dict[str, str]:
    """Give the pieces a part's sentence is put together from, in the language in use.

    The targeting screen's script puts them together in the same way, so that both say the same.
    """
    return {
        "even": _("even side"),
        "odd": _("odd side"),
        "number": _("number {number}"),
        "range": _("numbers {first} to {last}"),
        "from": _("from number {first} on"),
        "to": _("up to number {last}"),
        "buffer": _("+ {metres} m"),
        "ring": _("ring of {metres} m around {what}, without its own addresses"),
        "except": _("except {what}"),
        "polygon": _("drawn area"),
        "line": _("drawn line"),
        "point": _("drawn point"),
    }


def district_in_words(district: District) -> str:
    """The district's name; with its edition, where another one is in force. Reads `district.release`."""
    if district.release.is_current:
        return district.name
    return _("%(name)s (edition %(release)s)") % {"name": district.name, "release": district.release.name}


def _thing_in_words(part: TargetPart, pieces: dict[str, str]) -> str:
    if part.kind == PartKind.DISTRICT and part.district:
        return district_in_words(part.district)
    if part.kind == PartKind.STREET and part.street:
        return part.street.name
    if part.shape and "Polygon" in part.shape.geom_type:
        return pieces["polygon"]
    return pieces["line" if part.shape and "Line" in part.shape.geom_type else "point"]


def part_in_words(part: TargetPart) -> str:
    """Say one part as a sentence; reads `part.district` or `part.street` (select them together with the part)."""
    pieces = sentence_pieces()
    words = [_thing_in_words(part, pieces)]
    if part.kind == PartKind.STREET:
        if part.side != Side.BOTH:
            words.append(pieces[part.side])
        first, last = part.number_from, part.number_to
        if first is not None and first == last:
            words.append(pieces["number"].format(number=first))
        elif first is not None and last is not None:
            words.append(pieces["range"].format(first=first, last=last))
        elif first is not None:
            words.append(pieces["from"].format(first=first))
        elif last is not None:
            words.append(pieces["to"].format(last=last))
    sentence = " · ".join(words)
    if part.buffer_m:
        metres = number_format(int(part.buffer_m) if part.buffer_m == int(part.buffer_m) else part.buffer_m)
        if part.ring_only:
            sentence = pieces["ring"].format(metres=metres, what=sentence)
        else:
            sentence = " · ".join([sentence, pieces["buffer"].format(metres=metres)])
    if part.operation == PartOperation.EXCLUDE:
        sentence = pieces["except"].format(what=sentence)
    return sentence


def parts_in_words(parts: Iterable[TargetPart], *, at_most: int = 3) -> str:
    """Say a whole target in one line; what is over `at_most` parts is counted."""
    every = list(parts)
    sentences = [part_in_words(part) for part in every[:at_most]]
    if rest := len(every) - len(sentences):
        sentences.append(ngettext("%(count)d more part", "%(count)d more parts", rest) % {"count": rest})
    return " ; ".join(sentences)
