"""What a flyer says, in each of its languages."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.models import FlyerDesign


@dataclass(frozen=True)
class ReplyWords:
    """What the form to answer on paper says."""

    heading: str
    title: str
    text: str
    code: str
    back: str


@dataclass(frozen=True)
class Column:
    """What a flyer says in one language."""

    language: str
    title: str
    text: str
    when: str
    how: str
    help_point: str
    reply: ReplyWords


def address_of_code(code: str) -> str:
    """Where the QR code of a flyer leads."""
    return f"{settings.SITE_URL.rstrip('/')}/l/{code}"


def columns_of(design: FlyerDesign) -> list[Column]:
    """The texts of a design, one column a language; one query for the dates."""
    consultation = design.mailing.consultation
    span = consultation.phases.aggregate(starts=Min("starts_at"), ends=Max("ends_at"))
    said = [(consultation.language, design.title or consultation.title, design.text or consultation.summary)]
    if design.second_language:
        said.append((design.second_language, design.second_title or consultation.title, design.second_text))
    columns = []
    for language, title, text in said:
        with override(language):
            typed = f"{settings.SITE_URL.split('://')[-1].rstrip('/')}/l/"
            columns.append(
                Column(
                    language=language,
                    title=title,
                    text=text,
                    when=_when(span),
                    how=_("Scan the square with your phone, or open %(address)s and type this code:")
                    % {"address": typed},
                    help_point=_help(consultation),
                    reply=_reply(consultation),
                )
            )
    return columns


def _when(span: dict[str, object]) -> str:
    starts, ends = (timezone.localtime(moment) if moment else None for moment in (span["starts"], span["ends"]))  # type: ignore[arg-type]
    if starts is None:
        return ""
    if ends is None:
        return _("From %(start)s on") % {"start": date_format(starts, "DATE_FORMAT")}
    return _("From %(start)s to %(end)s") % {
        "start": date_format(starts, "DATE_FORMAT"),
        "end": date_format(ends, "DATE_FORMAT"),
    }


def _help(consultation: Consultation) -> str:
    said = [consultation.help_place, consultation.help_phone, consultation.help_hours]
    told = " · ".join(part for part in said if part)
    return _("No phone at hand? %(where)s") % {"where": told} if told else ""


def _reply(consultation: Consultation) -> ReplyWords:
    place = consultation.help_place
    return ReplyWords(
        heading=_("Your answer on paper"),
        title=_("In a few words"),
        text=_("What you would like to say"),
        code=_("Code"),
        back=_("Cut this off and bring it to: %(place)s") % {"place": place}
        if place
        else _("Cut this off and bring it to the town hall."),
    )
