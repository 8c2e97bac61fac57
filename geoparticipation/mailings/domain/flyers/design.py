"""Keeping what the flyers of a mailing look like."""

from __future__ import annotations

from geoparticipation.mailings.enums import FlyerTemplate
from geoparticipation.mailings.errors import AddressedTooSmall, FlyerTextTooLong, LanguageTwice
from geoparticipation.mailings.models import FlyerDesign, Mailing
from geoparticipation.mailings.models.flyer import TEXT_LENGTH, TITLE_LENGTH
from layers.plain_text import clean_text


def save_flyer_design(
    *,
    mailing: Mailing,
    template: str = FlyerTemplate.A5,
    title: str = "",
    text: str = "",
    second_language: str = "",
    second_title: str = "",
    second_text: str = "",
    with_map: bool = True,
    addressed: bool = False,
) -> FlyerDesign:
    """Keep the design of a mailing's flyers in place of the one before; texts are cleaned to plain ones.

    Whether the texts fit is seen when a flyer is drawn. Raises AddressedTooSmall, LanguageTwice, FlyerTextTooLong.
    """
    if addressed and template != FlyerTemplate.A4:
        raise AddressedTooSmall
    if second_language and second_language == mailing.consultation.language:
        raise LanguageTwice
    titles = [clean_text(one, lines=False) for one in (title, second_title)]
    texts = [clean_text(one, lines=True) for one in (text, second_text)]
    if any(len(one) > TITLE_LENGTH for one in titles) or any(len(one) > TEXT_LENGTH for one in texts):
        raise FlyerTextTooLong
    design, _is_new = FlyerDesign.objects.update_or_create(
        mailing=mailing,
        defaults={
            "template": FlyerTemplate(template),
            "title": titles[0],
            "text": texts[0],
            "second_language": second_language,
            "second_title": titles[1],
            "second_text": texts[1],
            "with_map": with_map,
            "addressed": addressed,
        },
    )
    return design


def design_of(mailing: Mailing) -> FlyerDesign:
    """The design of a mailing; an unsaved one with the consultation's own words where nobody made one. One query."""
    return FlyerDesign.objects.filter(mailing=mailing).first() or FlyerDesign(mailing=mailing)
