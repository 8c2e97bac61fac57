"""Exports as HTTP answers, for the pages and the API alike."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.domain.exports import extract_contributions, is_large, record_export
from geoparticipation.contributions.enums import Scope
from geoparticipation.contributions.errors import (
    ExportFormatUnknown,
    ExportNeedsPreparing,
    ExportNeedsSignIn,
    UnknownExport,
)
from geoparticipation.contributions.filters import UnknownFilterValue
from geoparticipation.contributions.models import Export
from layers.exports.extract import Extract
from layers.exports.formats import FORMATS, FileFormat, Format

_IN_MEMORY = 1_000_000


def export_response(
    *, actor: Actor, scope: Scope, file_format: FileFormat, parameters: QueryDict, site: str
) -> HttpResponseBase:
    """Answer with the contributions that the filters choose, as a file.

    A format that streams is sent while it is read, whatever its size, in constant memory, and holds no database
    connection while the line is slow. Another is made whole first, on disk beyond 1 MB, so that an error is an error
    page and never half a file. Raises NotAllowed, TooOften, ExportNeedsSignIn or ExportNeedsPreparing (too large to
    be made at once), and what the filters raise. Every file beyond the public scope is recorded.
    """
    extract = extract_contributions(
        user=actor.user, scope=scope, parameters=parameters, file_format=file_format, site=site, lets_go=True
    )
    written_as = FORMATS[file_format]
    large = is_large(extract)
    if large and not written_as.streams:
        raise refusal_of_large(actor)
    count_action(actor=actor, action="export")
    if large:
        count_action(actor=actor, action="large_export")
    if scope is not Scope.PUBLIC:
        record_export(
            user=actor.user,
            scope=scope,
            file_format=file_format,
            parameters=parameters,
            rows=extract.rows.order_by().count(),
        )
    if written_as.streams:
        response: Any = StreamingHttpResponse(_with_first(written_as.stream(extract)))
        response["Content-Disposition"] = f'attachment; filename="{file_name(scope, written_as)}"'
    else:
        response = _whole_file(written_as, extract, file_name(scope, written_as))
    response["Content-Type"] = _content_type(written_as)
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[no-any-return]


def refusal_of_large(actor: Actor) -> ExportNeedsPreparing | ExportNeedsSignIn:
    """What to tell somebody whose file cannot be made while they wait."""
    limit = settings.EXPORT_ROWS_AT_ONCE
    return ExportNeedsSignIn(limit) if actor.user is None else ExportNeedsPreparing(limit)


def kept_file_response(export: Export) -> FileResponse:
    """Answer with the file that was prepared; the caller has made sure that the person may have it.

    Raises UnknownExport where it was removed.
    """
    written_as = FORMATS[FileFormat(export.file_format)]
    if not export.is_ready:
        raise UnknownExport
    try:
        file = default_storage.open(export.file)
    except FileNotFoundError:
        raise UnknownExport from None
    day = localtime(export.finished_at).date()
    name = file_name(Scope(export.scope), written_as, day=day)
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = _content_type(written_as)
    response["Cache-Control"] = "private, no-store"
    return response


def file_name(scope: Scope, written_as: Format, *, day: Any = None) -> str:
    """Name the file after what is in it and the day."""
    words = {
        Scope.PUBLIC: _("contributions"),
        Scope.PLANNING: _("contributions planning"),
        Scope.INTERNAL: _("contributions internal"),
    }[scope]
    return f"{slugify(words)}-{(day or localdate()).isoformat()}.{written_as.extension}"


def format_named(name: str) -> FileFormat:
    """The format by its name, or by the ending of its files (`zip`); raises ExportFormatUnknown."""
    for file_format, written_as in FORMATS.items():
        if name.lower() in {file_format.value, written_as.extension}:
            return file_format
    raise ExportFormatUnknown(name, [file_format.value for file_format in FORMATS])


def scope_named(name: str) -> Scope:
    """The scope by its name, the public one by none; raises UnknownFilterValue."""
    if name and name not in Scope.values:
        raise UnknownFilterValue("scope", name)
    return Scope(name or Scope.PUBLIC)


def _with_first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first two of them made at once: an error there is still an error page."""
    first = [piece for _at, piece in zip(range(2), pieces, strict=False)]

    def rest() -> Iterator[bytes]:
        yield from first
        yield from pieces

    return rest()


def _whole_file(written_as: Format, extract: Extract, name: str) -> FileResponse:
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the response closes it)
    try:
        written_as.write(file, extract)  # type: ignore[arg-type]
    except BaseException:
        file.close()
        raise
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Length"] = length
    return response


def _content_type(written_as: Format) -> str:
    return (
        f"{written_as.media_type}; charset=utf-8"
        if written_as.media_type.startswith("text/")
        else written_as.media_type
    )
