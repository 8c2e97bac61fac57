"""A target turned into a file of letterboxes, and the record of who fetched it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import transaction

from geoparticipation.mailings.domain.formats import FORMATS
from geoparticipation.mailings.domain.listing import COLUMNS, NEW_A4_SHEETS, LabelOptions, ListOrder
from geoparticipation.mailings.enums import Channel, FileFormat
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.domain.targets import PartSpec, parts_of
from neighbourhoods.domain.targets.parts import check_parts
from neighbourhoods.models import Target

__all__ = ["COLUMNS", "NEW_A4_SHEETS", "LabelOptions", "ListOptions", "write_mailing_list"]


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """What a list leaves out, whatever it is written as."""

    deduplicate: bool = True
    respect_no_flyers: bool = True


def write_mailing_list(
    *,
    file: BinaryIO,
    letterboxes_of: Target | Iterable[PartSpec],
    name: str,
    downloaded_by: Any,
    channel: Channel,
    file_format: FileFormat = FileFormat.CSV,
    options: ListOptions = ListOptions(),
    labels: LabelOptions = NEW_A4_SHEETS,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> MailingListDownload:
    """Write the letterboxes of a target, saved or not, in a format of FORMATS, and record it under `name`.

    The columns COLUMNS, one row (or label) for each letterbox by street and number; longitude and latitude in WGS 84;
    the address lines in the format of ADDRESS_COUNTRY, the first of them in the language in use. What the options leave
    out is counted in the record and is no row. `labels` matters to labels only.

    `downloaded_by` is a person, or null for the command line. Rows, counts and record are of one transaction: whatever
    fails, nothing is recorded, but `file` may have been written to. Constant number of queries for each format, and
    constant memory but for labels. `on_progress` is called with rows written and, where that is known
    before, rows in all. Raises TargetRefused,
    ListTooLong or StartBeyondSheet.
    """
    parts = parts_of(letterboxes_of) if isinstance(letterboxes_of, Target) else tuple(letterboxes_of)
    check_parts(parts)
    order = ListOrder(
        name=name,
        parts=parts,
        deduplicate=options.deduplicate,
        respect_no_flyers=options.respect_no_flyers,
        labels=labels,
        tell=on_progress or (lambda written, in_all: None),
    )
    with transaction.atomic():
        selection = FORMATS[file_format].write(file, order)
        order.tell(selection.letterboxes, selection.letterboxes)
        return MailingListDownload.objects.create(
            downloaded_by=downloaded_by,
            target=letterboxes_of if isinstance(letterboxes_of, Target) else None,
            target_name=name[:400],
            channel=channel,
            file_format=file_format,
            letterboxes=selection.letterboxes,
            duplicates_left_out=selection.duplicates_left_out,
            no_flyers_left_out=selection.no_flyers_left_out,
        )
