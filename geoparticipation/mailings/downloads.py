"""A mailing list as an HTTP answer, for the page and the API alike."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, QueryDict
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geoparticipation.mailings.domain.write_mailing_list import ListOptions, write_mailing_list
from geoparticipation.mailings.enums import Channel
from geoparticipation.mailings.errors import OptionMalformed
from geoparticipation.mailings.models import MailingListDownload
from neighbourhoods.models import Target

_IN_MEMORY = 1_000_000
_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def mailing_list_response(*, target: Target, options: ListOptions, user: Any, channel: Channel) -> FileResponse:
    """Answer with the letterboxes of a target as CSV; writes the record of the download first.

    The list is written whole, on disk beyond 1 MB, before the first byte is sent: an error is an error page and never
    half a list, and the database is not kept waiting for a slow line. The caller has made sure that `user` is an agent.
    Raises TargetRefused.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the response closes it)
    download = write_mailing_list(
        file=file,  # type: ignore[arg-type]
        letterboxes_of=target,
        name=target.name,
        downloaded_by=user,
        channel=channel,
        options=options,
    )
    length = file.tell()
    file.seek(0)
    response = FileResponse(
        file, as_attachment=True, filename=file_name(download), content_type="text/csv; charset=utf-8"
    )
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
    return f"{slugify(name)}.{download.file_format}"


def _flag(query: QueryDict, name: str) -> bool:
    value = query.get(name, "").lower()
    if value not in _WORDS:
        raise OptionMalformed(_("“%(name)s” must be 1 or 0.") % {"name": name}, field=name)
    return _WORDS[value]
