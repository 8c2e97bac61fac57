"""A list written in one format."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from geoparticipation.mailings.domain.write_mailing_list import LabelOptions, ListOptions, write_mailing_list
from geoparticipation.mailings.enums import Channel, FileFormat
from neighbourhoods.domain.targets import PartSpec
from neighbourhoods.enums import PartKind
from neighbourhoods.models import Street

Write = Callable[..., bytes]


@pytest.fixture(autouse=True)
def _in_belgium(settings: Any) -> None:
    settings.ADDRESS_COUNTRY = "BE"


@pytest.fixture
def write() -> Write:
    """Write letterboxes in a format, in English; options are those of ListOptions and LabelOptions."""

    def written(file_format: FileFormat, letterboxes_of: Any, **options: Any) -> bytes:
        file = io.BytesIO()
        labels = {name: options.pop(name) for name in ("sheet", "start_at") if name in options}
        with translation.override("en"):
            write_mailing_list(
                file=file,
                letterboxes_of=letterboxes_of,
                name="A target",
                downloaded_by=None,
                channel=Channel.COMMAND,
                file_format=file_format,
                options=ListOptions(**options),
                labels=LabelOptions(**labels),
            )
        return file.getvalue()

    return written


def whole(*streets: Street, **options: Any) -> list[PartSpec]:
    return [PartSpec(kind=PartKind.STREET, street_id=street.pk, **options) for street in streets]
