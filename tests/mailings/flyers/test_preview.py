"""One flyer to look at."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from geoparticipation.mailings.codes import read_code
from geoparticipation.mailings.domain.flyers.preview import SAMPLE_CODE, picture_of, preview_flyer
from geoparticipation.mailings.models import FlyerDesign, Mailing
from tests.mailings.flyers.conftest import words_of

pytestmark = pytest.mark.django_db


def test_preview_has_one_page_and_a_code_that_opens_nothing(mailing: Mailing, tmp_path: Path) -> None:
    path = tmp_path / "preview.pdf"

    path.write_bytes(preview_flyer(design=FlyerDesign(mailing=mailing, title="Not saved yet")).pdf)

    (words,) = words_of(path)
    assert "Not saved yet" in words
    assert "ABCD EFGH 2" in words
    assert read_code(SAMPLE_CODE) is None


def test_preview_as_a_picture_has_the_form_of_the_template(mailing: Mailing) -> None:
    design = FlyerDesign(mailing=mailing, template="dl")

    picture = Image.open(io.BytesIO(picture_of(preview_flyer(design=design))))

    assert picture.width / picture.height == pytest.approx(99 / 210, rel=0.01)


def test_preview_says_when_the_map_finds_no_room(mailing: Mailing) -> None:
    assert not preview_flyer(design=FlyerDesign(mailing=mailing, text="Few words")).is_map_left_out
    assert preview_flyer(design=FlyerDesign(mailing=mailing, text="many words\n" * 26)).is_map_left_out
    without = FlyerDesign(mailing=mailing, text="many words\n" * 26, with_map=False)
    assert not preview_flyer(design=without).is_map_left_out
