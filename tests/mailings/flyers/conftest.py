"""A mailing to the whole tiny town, and its flyers as a file, read by programs of others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from geoparticipation.accounts.models import User
from geoparticipation.consultations.models import Consultation
from geoparticipation.mailings.domain.flyers.design import make_flyer_design, save_flyer_design
from geoparticipation.mailings.domain.make_mailing import make_mailing
from geoparticipation.mailings.models import FlyerDesign, Mailing
from neighbourhoods.domain.targets import PartSpec, save_target
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Address
from tests.fixtures.tiny_town import TinyTown

MM = 25.4 / 72
MakeMailing = Callable[..., Mailing]


@pytest.fixture
def make_town_mailing(tiny_town: TinyTown, consultation: Consultation, agent: User) -> MakeMailing:
    """Mail to everybody in town, with so many more letterboxes in Rue Haute."""

    def make(more: int = 0) -> Mailing:
        Address.objects.bulk_create(
            Address(
                register_id=f"more {number}",
                street=tiny_town.rue_haute,
                number=number,
                house_number=str(number),
                postcode="1000",
                locality="Tinyville",
                geometry=tiny_town.addresses["haute 1"].geometry,
                district=tiny_town.west,
            )
            for number in range(100, 100 + more)
        )
        parts = [PartSpec(kind=PartKind.DISTRICT, district_id=tiny_town.commune.pk)]
        target = save_target(name="Everybody", parts=parts, user=agent)
        return make_mailing(name="Autumn", consultation=consultation, target=target)

    return make


@pytest.fixture
def mailing(make_town_mailing: MakeMailing) -> Mailing:
    """Twelve letterboxes, one flyer each."""
    return make_town_mailing()


def designed(*, mailing: Mailing, **wanted: Any) -> FlyerDesign:
    """A design that is kept."""
    return save_flyer_design(design=make_flyer_design(mailing=mailing, **wanted))


def words_of(path: Path) -> list[str]:
    """The text of each page."""
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]


def scanned(path: Path, folder: Path, dpi: int = 130) -> list[list[str]]:
    """What zbar reads in the QR codes of each page, once made a picture by PDFium."""
    document = pypdfium2.PdfDocument(path)
    read = []
    for number, page in enumerate(document):
        picture = folder / f"page-{number}.png"
        page.render(scale=dpi / 72).to_pil().convert("L").save(picture)
        said = subprocess.run(
            ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
            capture_output=True,
            text=True,
            check=True,
        )
        read.append(said.stdout.split())
        picture.unlink()
    return read
