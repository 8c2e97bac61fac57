"""Files of contributions: what goes in, asking for one, writing it in the background, removing it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from geoparticipation.accounts.domain.rates import count_action
from geoparticipation.accounts.errors import NotAllowed
from geoparticipation.accounts.identity import Actor
from geoparticipation.contributions.enums import ExportState, Scope
from geoparticipation.contributions.errors import ExportFiltersTooLong, UnknownExport
from geoparticipation.contributions.export_layers import MARKS, export_layer, rows_of
from geoparticipation.contributions.filters import FILTERS, filter_contributions, filters_of_apps
from geoparticipation.contributions.models import Export
from geoparticipation.contributions.models.export import FILTERS_LENGTH
from geoparticipation.contributions.rules import may_export, require_may_export
from layers.errors import Refusal
from layers.exports.extract import Extract
from layers.exports.formats import FORMATS, FileFormat

FOLDER: Final = "exports"
TOLD_EVERY_S: Final = 1.0
"""How often the progress of a file is written to its row."""
GIVEN_UP_AFTER: Final = timedelta(days=1)
_SALT: Final = "contributions.export"


def extract_contributions(
    *,
    user: Any,
    scope: Scope,
    parameters: QueryDict,
    file_format: FileFormat,
    site: str = "",
    tell: Callable[[int], None] = lambda written: None,
    lets_go: bool = False,
) -> Extract:
    """What a file of this scope holds, by the filters of the list (all but PUBLIC is refused to others: NotAllowed).

    Nothing is read yet but what the filters by name need. Raises what `filter_contributions` raises.
    """
    require_may_export(user if getattr(user, "is_authenticated", False) else None, scope)
    return Extract(
        layer=export_layer(scope, site=site or settings.SITE_URL, structured=file_format is FileFormat.GEOJSON),
        rows=filter_contributions(rows_of(scope, user), parameters),
        title=_("Contributions") if scope is Scope.PUBLIC else _("Contributions, not for publication"),
        label="title",
        text="body",
        marks=MARKS,
        tell=tell,
        lets_go=lets_go,
    )


def is_large(extract: Extract) -> bool:
    """Whether there are more rows than are made while one waits. One query, which stops counting there."""
    limit: int = settings.EXPORT_ROWS_AT_ONCE
    return bool(extract.rows.order_by()[: limit + 1].count() > limit)


def kept_filters(parameters: QueryDict) -> str:
    """The filters among the parameters as a query string, always in the same order. Raises ExportFiltersTooLong."""
    kept = QueryDict(mutable=True)
    for name in (*FILTERS, *filters_of_apps()):
        values = [value for value in parameters.getlist(name) if value.strip()]
        if values:
            kept.setlist(name, values)
    text = kept.urlencode()
    if len(text) > FILTERS_LENGTH:
        raise ExportFiltersTooLong
    return text


def record_export(*, user: Any, scope: Scope, file_format: FileFormat, parameters: QueryDict, rows: int) -> Export:
    """Note that somebody was sent a file at once that is not for everybody."""
    return Export.objects.create(
        requested_by=user,
        scope=scope,
        file_format=file_format,
        filters=kept_filters(parameters),
        state=ExportState.SENT,
        rows_total=rows,
        rows_written=rows,
        finished_at=timezone.now(),
    )


def request_export(
    *, actor: Actor, scope: Scope, file_format: FileFormat, parameters: QueryDict, language: str = ""
) -> Export:
    """Have a file prepared in the background for a signed-in person, who is told by e-mail when it is there.

    The same file asked for again while it is being prepared is the same row. Counts as a large export. Raises
    NotAllowed, TooOften and what `extract_contributions` and `kept_filters` raise.
    """
    if actor.user is None:
        raise NotAllowed
    extract_contributions(user=actor.user, scope=scope, parameters=parameters, file_format=file_format)
    wanted = {
        "requested_by": actor.user,
        "scope": scope,
        "file_format": file_format,
        "filters": kept_filters(parameters),
        "language": language[:5],
    }
    pending = Export.objects.pending().filter(**wanted).first()
    if pending is not None:
        return pending
    count_action(actor=actor, action="large_export")
    try:
        with transaction.atomic():
            export = Export.objects.create(**wanted)
            _queue(export)
    except IntegrityError:  # asked for twice at the same moment
        return Export.objects.pending().get(**wanted)
    return export


def _queue(export: Export) -> None:
    # The queue is in the same database: the job is there if and only if the row is.
    from geoparticipation.contributions.tasks import write_export

    write_export.configure(lock=f"export-{export.pk}").defer(export_id=export.pk)


def write_export_file(*, export_id: int) -> Export | None:
    """Write the file of an export and keep it in the storage; None where there is nothing (more) to do.

    May be run again at any time: a file is known to its row only when it is whole, and what an earlier run left behind
    is replaced. A refusal (a role lost meanwhile, a format too small) is kept in the row for the person to read.
    """
    export = Export.objects.select_related("requested_by").filter(pk=export_id).first()
    if export is None or not export.is_pending:
        return None
    try:
        with translation.override(export.language or settings.LANGUAGE_CODE):
            if export.requested_by is None:
                raise NotAllowed
            _write(export)
    except Refusal as refusal:
        return give_up_export(export_id=export_id, reason=str(refusal.detail))
    return export


def _write(export: Export) -> None:
    told_at = time.monotonic()

    def tell(written: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            told_at = time.monotonic()
            Export.objects.filter(pk=export.pk).update(rows_written=written)
        export.rows_written = written

    file_format = FileFormat(export.file_format)
    extract = extract_contributions(
        user=export.requested_by,
        scope=Scope(export.scope),
        parameters=QueryDict(export.filters),
        file_format=file_format,
        tell=tell,
    )
    export.rows_total = extract.rows.count()
    Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING, rows_total=export.rows_total, rows_written=0)
    name = f"{FOLDER}/{export.code}.{FORMATS[file_format].extension}"
    default_storage.delete(name)
    with tempfile.TemporaryFile() as file:
        FORMATS[file_format].write(file, extract)
        export.size_bytes = file.tell()
        file.seek(0)
        export.file = default_storage.save(name, File(file, name))
    export.state = ExportState.READY
    export.finished_at = timezone.now()
    export.expires_at = export.finished_at + timedelta(days=settings.EXPORT_DAYS)
    changed = ("state", "file", "size_bytes", "finished_at", "expires_at", "rows_written")
    known = Export.objects.filter(pk=export.pk).update(**{name: getattr(export, name) for name in changed})
    if not known:  # deleted meanwhile
        default_storage.delete(export.file)


def give_up_export(*, export_id: int, reason: str) -> Export | None:
    """Note for the person why there will be no file."""
    Export.objects.pending().filter(pk=export_id).update(
        state=ExportState.FAILED, reason=reason[:400], finished_at=timezone.now()
    )
    return Export.objects.select_related("requested_by").filter(pk=export_id).first()


def get_export_for(user: Any, code: Any, *, token: str = "") -> Export:
    """The export as far as this person may see it: their own; with the token from the mail, a public one's.

    What is not for everybody is for the signed-in person alone, as long as their role allows it. Raises UnknownExport.
    One query.
    """
    export = Export.objects.filter(code=code).first()
    if export is None:
        raise UnknownExport
    person = user if getattr(user, "is_authenticated", False) else None
    is_own = person is not None and export.requested_by_id == person.pk
    scope = Scope(export.scope)
    if (is_own and may_export(person, scope)) or (scope is Scope.PUBLIC and _is_token_of(export, token)):
        return export
    raise UnknownExport


def token_of(export: Export) -> str:
    """What in a mailed link opens a public file without signing in: a signature nobody else can make."""
    return signing.Signer(salt=_SALT).signature(str(export.code))


def _is_token_of(export: Export, token: str) -> bool:
    return bool(token) and constant_time_compare(token, token_of(export))


def forget_exports() -> int:
    """Remove files whose days are over, and give up what nobody will write any more; returns how many files went.

    Rows of public files go with them; those of others stay, as the record of who took what. Files without a row go.
    """
    now = timezone.now()
    over = Export.objects.filter(state=ExportState.READY, expires_at__lte=now)
    forgotten = 0
    for export in over.iterator(chunk_size=200):
        default_storage.delete(export.file)
        forgotten += 1
        if export.scope == Scope.PUBLIC:
            export.delete()
        else:
            Export.objects.filter(pk=export.pk).update(state=ExportState.EXPIRED, file="", size_bytes=0)
    stuck = Export.objects.pending().filter(requested_at__lt=now - GIVEN_UP_AFTER)
    stuck.update(state=ExportState.FAILED, reason=_("The file could not be written. Please ask again."))
    Export.objects.filter(
        state=ExportState.FAILED, scope=Scope.PUBLIC, requested_at__lt=now - timedelta(days=settings.EXPORT_DAYS)
    ).delete()
    return forgotten + _remove_files_without_row()


def _remove_files_without_row() -> int:
    removed = 0
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for name in names:
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < timezone.now() - GIVEN_UP_AFTER:
            default_storage.delete(path)
            removed += 1
    return removed
