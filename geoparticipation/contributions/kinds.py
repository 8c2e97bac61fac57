"""What each kind of contribution asks for, how its place is shown, and how it looks on a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from geoparticipation.accounts.enums import IdentityLevel
from geoparticipation.consultations.enums import Feature
from geoparticipation.contributions.enums import Kind, PublicPlace


@dataclass(frozen=True)
class KindRules:
    """One kind. `colour` is that of light maps in files; the site's own colours are in its stylesheet.

    `place` is how its place is always shown; None leaves it to the consultation, or to who puts it in. `names_author`
    says whether the name of the account stands beside it. `is_plain`: text and place are all of it, so that the form of
    ideas and the API may put it in; what has more to it comes in through its own app. `takes_support`: people can say
    that they are for it.
    """

    feature: Feature
    needs_title: bool
    needs_body: bool
    plural: str | Promise
    colour: str
    mark: str = "round"
    place: PublicPlace | None = None
    least_level: IdentityLevel = IdentityLevel.DEVICE
    names_author: bool = True
    is_plain: bool = False
    takes_support: bool = True


KINDS: Final[Mapping[str, KindRules]] = MappingProxyType(
    {
        Kind.PROPOSAL: KindRules(Feature.PROPOSE, True, False, _("Ideas"), "#b4460f", is_plain=True),
        Kind.COMMENT: KindRules(Feature.COMMENT, False, True, _("Comments"), "#5b3f9e", "diamond", is_plain=True),
        # A name beside a few dozen homes would tell the home.
        Kind.OFFER: KindRules(
            Feature.VOLUNTEER,
            True,
            False,
            _("Offers of help"),
            "#9c2b6e",
            place=PublicPlace.AREA,
            least_level=IdentityLevel.EMAIL,
            names_author=False,
        ),
        Kind.MISSION: KindRules(
            Feature.VOLUNTEER, True, False, _("Help wanted"), "#245ea8", "square", least_level=IdentityLevel.EMAIL
        ),
        # The town hall's, put up by `scenarios` for people to comment on.
        Kind.PLAN: KindRules(
            Feature.PREFER,
            True,
            False,
            _("Places of plans"),
            "#5f574b",
            "square",
            place=PublicPlace.EXACT,
            names_author=False,
            takes_support=False,
        ),
    }
)
"""Kinds that the public sees one by one. Others are put in and shown by their app alone."""

PLAIN_KINDS: Final = tuple(str(kind) for kind, known in KINDS.items() if known.is_plain)
SUPPORTED_KINDS: Final = tuple(str(kind) for kind, known in KINDS.items() if known.takes_support)

_PAGES: dict[str, str] = {}


def show_at(kind: str, url_name: str) -> None:
    """Let an app show contributions of its kind at its own address, which takes the code."""
    _PAGES[kind] = url_name


def page_of(kind: str) -> str | None:
    """Name of the address where contributions of this kind are shown; None: on the page of all."""
    return _PAGES.get(kind)


def kinds_shown_as_areas() -> tuple[str, ...]:
    """Kinds whose place is never told more exactly than by an area of several homes."""
    return tuple(str(kind) for kind, known in KINDS.items() if known.place == PublicPlace.AREA)
