"""The sizes of flyers and where things stand on them, in millimetres from the upper left corner.

Where the window of an envelope shows the address of a sheet folded to a third of A4: at the right in French-speaking
countries and Switzerland (AFNOR NF Z 11-001, SN 010130), at the left elsewhere (DIN 5008, form B).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geoparticipation.mailings.enums import FlyerTemplate

MM: Final = 72 / 25.4
"""Points in a millimetre."""
BLEED_MM: Final = 3.0
MARKS_MM: Final = 9.0
"""What the sheet has around the flyer where it is to be cut: the bleed, and crop marks outside it."""
_A4: Final = (210.0, 297.0)
_RIGHT_WINDOW: Final = frozenset({"FR", "BE", "LU", "MC", "CH", "LI"})


@dataclass(frozen=True, kw_only=True)
class FlyerMeasures:
    """One template; font sizes in points.

    `fold` is where a sheet that is folded has its first fold: above it is the address, or the front. `reply` is how
    high the form to answer is, which is cut off below.
    """

    width: float
    height: float
    margin: float
    qr: float
    title: float
    text: float
    small: float
    code: float
    logo: float
    reply: float = 0.0
    fold: float = 0.0
    on_a4: tuple[int, int] = (1, 1)
    """How many stand side by side and above one another on A4, upright or across."""


MEASURES: Final[dict[str, FlyerMeasures]] = {
    FlyerTemplate.A5: FlyerMeasures(
        width=148,
        height=210,
        margin=10,
        qr=36,
        title=19,
        text=10.5,
        small=8.5,
        code=17,
        logo=12,
        reply=70,
        on_a4=(2, 1),
    ),
    FlyerTemplate.A6: FlyerMeasures(
        width=105, height=148, margin=7, qr=29, title=14, text=9, small=7, code=13, logo=9, on_a4=(2, 2)
    ),
    FlyerTemplate.DL: FlyerMeasures(
        width=99, height=210, margin=8, qr=32, title=15, text=9.5, small=7.5, code=13, logo=10, reply=70, on_a4=(3, 1)
    ),
    FlyerTemplate.A4: FlyerMeasures(
        width=210, height=297, margin=18, qr=42, title=22, text=11.5, small=9, code=20, logo=15, reply=76, fold=99
    ),
}


def address_corner(country: str) -> tuple[float, float]:
    """Where the address begins, from the left and the top: left edge and baseline of its first line."""
    return (108.0, 52.0) if country.upper() in _RIGHT_WINDOW else (25.0, 66.0)


@dataclass(frozen=True)
class Sheet:
    """The paper: its size, and the corner of each flyer on it from the left and the top."""

    width: float
    height: float
    corners: tuple[tuple[float, float], ...]


def sheet_for(measures: FlyerMeasures, *, bleed: bool, on_a4: bool) -> Sheet:
    """The paper of one flyer, with room for bleed and marks, or an A4 with as many as it takes."""
    if not on_a4:
        around = MARKS_MM if bleed else 0.0
        return Sheet(measures.width + 2 * around, measures.height + 2 * around, ((around, around),))
    across, down = measures.on_a4
    upright = across * measures.width <= _A4[0]
    width, height = _A4 if upright else _A4[::-1]
    left, top = (width - across * measures.width) / 2, (height - down * measures.height) / 2
    corners = tuple(
        (left + column * measures.width, top + row * measures.height) for row in range(down) for column in range(across)
    )
    return Sheet(width, height, corners)
