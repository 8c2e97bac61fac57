"""A mailing list as an HTTP answer, for the page and the API alike."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from django.http import FileResponse, QueryDict
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.formats import FORMATS
from geoparticipation.mailings.domain.write_mailing_list import (
    NEW_A4_SHEETS,
    LabelOptions,
    ListOptions,
    write_mailing_list,
)
from geoparticipation.mailings.enums import Channel, FileFormat, LabelSheet
from geoparticipation.mailings.errors import FormatUnknown, OptionMalformed, SheetUnknown
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Target

_IN_MEMORY = 1_000_000
_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def mailing_list_response(
    *,
    target: Target,
    user: Any,
    channel: Channel,
    file_format: FileFormat = FileFormat.CSV,
    options: ListOptions,
    labels: LabelOptions = NEW_A4_SHEETS,
) -> FileResponse:
    """Answer with the letterboxes of a target as a file; writes the record of the download first.

    The list is written whole, on disk beyond 1 MB, before the first byte is sent: an error is an error page and never
    half a list, and the database is not kept waiting for a slow line. The caller has made sure that `user` is an agent.
    Raises TargetRefused, ListTooLong or StartBeyondSheet.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the response closes it)
    try:
        download = write_mailing_list(
            file=file,  # type: ignore[arg-type]
            letterboxes_of=target,
            name=target.name,
            downloaded_by=user,
            channel=channel,
            file_format=file_format,
            options=options,
            labels=labels,
        )
    except BaseException:
        file.close()
        raise
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    media_type = FORMATS[file_format].media_type
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    response = FileResponse(file, as_attachment=True, filename=file_name(download), content_type=media_type)
    response["Content-Length"] = length
    response["X-Letterboxes"] = download.letterboxes
    response["X-Duplicates-Left-Out"] = download.duplicates_left_out
    response["X-No-Flyers-Left-Out"] = download.no_flyers_left_out
    response["Cache-Control"] = "private, no-store"
    return response


def options_from_query(query: QueryDict) -> ListOptions:
    """Read `keep_duplicates` and `include_no_flyers`; raises OptionMalformed."""
    return ListOptions(
        deduplicate=not _flag(query, "keep_duplicates"), respect_no_flyers=not _flag(query, "include_no_flyers")
    )


def format_from_form(form: QueryDict) -> FileFormat:
    """Read `file_format`, CSV when it is not there; raises FormatUnknown."""
    value = form.get("file_format", FileFormat.CSV)
    if value not in FileFormat.values:
        raise FormatUnknown(
            _("There is no format “%(name)s”. Take one of: %(formats)s.")
            % {"name": value[:40], "formats": ", ".join(FileFormat.values)},
            field="file_format",
        )
    return FileFormat(value)


def labels_from_query(query: QueryDict) -> LabelOptions:
    """Read `sheet` and `start_at`, of a form or an address; raises SheetUnknown or OptionMalformed."""
    sheet, start_at = query.get("sheet", LabelSheet.L7160).lower(), query.get("start_at", "") or "1"
    if sheet not in LabelSheet.values:
        raise SheetUnknown(
            _("There is no sheet “%(name)s”. Take one of: %(sheets)s.")
            % {"name": sheet[:40], "sheets": ", ".join(LabelSheet.values)},
            field="sheet",
        )
    if not (start_at.isascii() and start_at.isdigit() and len(start_at) < 10):
        raise OptionMalformed(_("“%(name)s” must be a whole number.") % {"name": "start_at"}, field="start_at")
    return LabelOptions(sheet=LabelSheet(sheet), start_at=int(start_at))


def file_name(download: MailingListDownload) -> str:
    """Name the file after target, day and counts, in the language in use and in plain letters."""
    name = _(
        "%(target)s %(day)s %(letterboxes)d letterboxes without %(duplicates)d duplicates %(no_flyers)d no-flyers"
    ) % {
        "target": slugify(download.target_name)[:60] or download.pk,
        "day": localdate().isoformat(),
        "letterboxes": download.letterboxes,
        "duplicates": download.duplicates_left_out,
        "no_flyers": download.no_flyers_left_out,
    }
    return f"{slugify(name)}.{FORMATS[FileFormat(download.file_format)].extension}"


def _flag(query: QueryDict, name: str) -> bool:
    value = query.get(name, "").lower()
    if value not in _WORDS:
        raise OptionMalformed(_("“%(name)s” must be 1 or 0.") % {"name": name}, field=name)
    return _WORDS[value]
