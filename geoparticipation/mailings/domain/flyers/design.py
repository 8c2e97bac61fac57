"""Keeping what the flyers of a mailing look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from geoparticipation.mailings.domain.flyers.pages import ONE_BY_ONE, FlyerPages
from geoparticipation.mailings.domain.flyers.pictures import drop_picture, keep_picture
from geoparticipation.mailings.enums import FlyerTemplate
from geoparticipation.mailings.errors import (
    AddressedTooSmall,
    FlyerColourUnknown,
    FlyerTextTooLong,
    LanguageTwice,
    ReplyTooSmall,
)
from geoparticipation.mailings.models import FlyerDesign, Mailing
from geoparticipation.mailings.models.flyer import TEXT_LENGTH, TITLE_LENGTH
from layers.plain_text import clean_text


def make_flyer_design(
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
    with_reply: bool = False,
    colour: str = "",
    picture: str = "",
    logo: str = "",
) -> FlyerDesign:
    """A design that is not saved, its texts cleaned to plain ones; `picture` and `logo` are names in the storage.

    Whether the texts fit is seen when a flyer is drawn. Raises AddressedTooSmall, ReplyTooSmall, LanguageTwice,
    FlyerColourUnknown, FlyerTextTooLong.
    """
    if addressed and template != FlyerTemplate.A4:
        raise AddressedTooSmall
    if with_reply and template == FlyerTemplate.A6:
        raise ReplyTooSmall
    if second_language and second_language == mailing.consultation.language:
        raise LanguageTwice
    if colour and not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise FlyerColourUnknown
    titles = [clean_text(one, lines=False) for one in (title, second_title)]
    texts = [clean_text(one, lines=True) for one in (text, second_text)]
    if any(len(one) > TITLE_LENGTH for one in titles) or any(len(one) > TEXT_LENGTH for one in texts):
        raise FlyerTextTooLong
    return FlyerDesign(
        mailing=mailing,
        template=FlyerTemplate(template),
        title=titles[0],
        text=texts[0],
        second_language=second_language,
        second_title=titles[1],
        second_text=texts[1],
        with_map=with_map,
        addressed=addressed,
        with_reply=with_reply,
        colour=colour,
        picture=picture,
        logo=logo,
    )


@transaction.atomic
def save_flyer_design(*, design: FlyerDesign) -> FlyerDesign:
    """Keep a design made by `make_flyer_design` in place of the mailing's one before.

    Pictures that no flyer has any more go.
    """
    Mailing.objects.select_for_update().get(pk=design.mailing_id)
    before = FlyerDesign.objects.filter(mailing=design.mailing_id).first()
    design.pk = before.pk if before else None
    design.save(force_insert=before is None)
    if before is not None:
        gone = {before.picture, before.logo} - {design.picture, design.logo}
        used = FlyerDesign.objects.filter(Q(picture__in=gone) | Q(logo__in=gone)).values_list("picture", "logo")
        for name in gone.difference(*used):
            transaction.on_commit(partial(drop_picture, name))
    return design


def change_flyer_design(
    *,
    mailing: Mailing,
    wanted: Mapping[str, Any],
    pictures: Mapping[str, bytes] | None = None,
    without: frozenset[str] = frozenset(),
) -> FlyerDesign:
    """Keep what is `wanted` of a design (arguments of `make_flyer_design`) if it can be drawn.

    `pictures` are files for "picture" and "logo" as they were sent; those in `without` go, the others stay. Raises what
    `make_flyer_design` and `layers.pictures.reading.read_photo` raise, and keeps no file then.
    """
    design = design_like(mailing=mailing, wanted=wanted, without=without)
    kept = []
    try:
        for part, content in (pictures or {}).items():
            kept.append(keep_picture(content))
            setattr(design, part, kept[-1])
        FlyerPages(design, ONE_BY_ONE)
        return save_flyer_design(design=design)
    except BaseException:
        for name in kept:
            drop_picture(name)
        raise


def design_like(*, mailing: Mailing, wanted: Mapping[str, Any], without: frozenset[str] = frozenset()) -> FlyerDesign:
    """A design that is not saved, with the pictures of the one that is but for those in `without`; one query."""
    before = design_of(mailing)
    pictures = {part: "" if part in without else getattr(before, part) for part in ("picture", "logo")}
    return make_flyer_design(mailing=mailing, **{**wanted, **pictures})


def design_of(mailing: Mailing) -> FlyerDesign:
    """The design of a mailing, with its mailing; an unsaved one where nobody made one. Two queries at most.

    That has the consultation's own words, and the logo and colour of the latest design: they are the town's.
    """
    design = FlyerDesign.objects.filter(mailing=mailing).first()
    if design is None:
        latest = FlyerDesign.objects.order_by("-pk").first()
        design = FlyerDesign(logo=latest.logo, colour=latest.colour) if latest else FlyerDesign()
    design.mailing = mailing
    return design
