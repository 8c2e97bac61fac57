"""What a register no longer has is closed, never deleted: how far an import may go in that, and a guard against slips.

A file that is only a part of its register, or another town's, would close most of what is there. Such a file is
refused as a whole, with what to do instead.
"""

from __future__ import annotations

from enum import Enum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from neighbourhoods.importers.errors import ClosesTooMuch
from neighbourhoods.importers.report import ImportReport, kind_in_words
from neighbourhoods.importers.store.staging import rows_of, run, stage

MANY_ROWS = 500
"""So many rows are closed without asking, whatever their share."""
MANY_SHARE = 0.5


class Closing(Enum):
    """What happens to rows of the register that the file does not have."""

    GUARDED = "guarded"
    """They are closed; a file that closes more than MANY_ROWS and more than half of the register is refused."""
    NOTHING = "nothing"
    """They stay: the file is only a part of the register (`--partial`)."""
    MANY = "many"
    """They are closed, however many (`--close-many`)."""


def guard(closing: Closing, *, source: str, kind: str, to_close: int, in_force: int) -> None:
    """Refuse, with ClosesTooMuch, what would close most of a register, unless that was said to be meant."""
    if closing is Closing.MANY or to_close <= MANY_ROWS or to_close <= MANY_SHARE * in_force:
        return
    raise ClosesTooMuch(
        _(
            "This file would close %(count)s of the %(total)s rows in force of the register “%(source)s” (%(kind)s). "
            "If it is only a part of the register, import it with --partial: nothing is then closed. If it is another "
            "register, give it a name of its own with --source. If they are really gone, use --close-many."
        )
        % {
            "count": number_format(to_close, force_grouping=True),
            "total": number_format(in_force, force_grouping=True),
            "source": source,
            "kind": kind_in_words(kind),
        }
    )


def close_missing_addresses(*, source: str, closing: Closing, report: ImportReport, kind: str) -> None:
    """Close the addresses of `source` in force that are neither among the staged rows nor named by a refused one.

    A row that the file has and that cannot be read is not gone. Raises ClosesTooMuch.
    """
    if closing is Closing.NOTHING:
        return
    stage("refused_address", [("register_id", "text")], ((name,) for name in sorted(report.refused_names(kind))))
    missing = """
        kept.source = %(source)s AND kept.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM staged_address AS staged WHERE staged.register_id = kept.register_id)
        AND NOT EXISTS (SELECT FROM refused_address AS refused WHERE refused.register_id = kept.register_id)
    """
    [(in_force, to_close)] = rows_of(
        f"""
        SELECT (SELECT count(*) FROM neighbourhoods_address WHERE source = %(source)s AND closed_at IS NULL),
            (SELECT count(*) FROM neighbourhoods_address AS kept WHERE {missing})
        """,
        {"source": source},
    )
    guard(closing, source=source, kind=kind, to_close=to_close, in_force=in_force)
    if to_close:
        report.closed[kind] += run(
            f"UPDATE neighbourhoods_address AS kept SET closed_at = now() WHERE {missing}", {"source": source}
        )


_IN_USE = "EXISTS (SELECT FROM neighbourhoods_address AS a WHERE a.street_id = street.id AND a.closed_at IS NULL)"


def reopen_streets_in_use(*, report: ImportReport, kind: str) -> None:
    """Put the closed streets to which an address in force belongs back in force."""
    report.reopened[kind] += run(
        f"UPDATE neighbourhoods_street AS street SET closed_at = NULL WHERE closed_at IS NOT NULL AND {_IN_USE}"
    )


def close_streets_without_addresses(*, source: str, closing: Closing, report: ImportReport, kind: str) -> None:
    """Close the streets that only this register's addresses had made known and to which none in force belongs."""
    if closing is Closing.NOTHING:
        return
    closed = run(
        "UPDATE neighbourhoods_street AS street SET closed_at = now() WHERE source = %(source)s "
        f"AND closed_at IS NULL AND geometry IS NULL AND surface IS NULL AND NOT {_IN_USE}",
        {"source": source},
    )
    if closed:
        report.closed[kind] += closed


def close_missing_streets(
    codes: list[str], *, source: str, closing: Closing, report: ImportReport, kind: str = "streets"
) -> None:
    """Close the streets of `source` in force whose codes are not among these and to which no address in force belongs.

    Streets that are missing but still have addresses stay, and are counted in a note. Raises ClosesTooMuch.
    """
    if closing is Closing.NOTHING:
        return
    stage("street_of_register", [("code", "text")], ((code,) for code in {*codes, *report.refused_names(kind)}))
    missing = """
        street.source = %(source)s AND street.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM street_of_register AS known WHERE known.code = street.code)
    """
    [(in_force, to_close, in_use)] = rows_of(
        f"""
        SELECT (SELECT count(*) FROM neighbourhoods_street WHERE source = %(source)s AND closed_at IS NULL),
            count(*) FILTER (WHERE NOT {_IN_USE}), count(*) FILTER (WHERE geometry IS NOT NULL AND {_IN_USE})
        FROM neighbourhoods_street AS street WHERE {missing}
        """,
        {"source": source},
    )
    guard(closing, source=source, kind=kind, to_close=to_close, in_force=in_force)
    if to_close:
        report.closed[kind] += run(
            f"UPDATE neighbourhoods_street AS street SET closed_at = now() WHERE {missing} AND NOT {_IN_USE}",
            {"source": source},
        )
    if in_use:
        report.notes.append(
            _("Streets that the file no longer has and that stay, because addresses belong to them: %(count)s.")
            % {"count": number_format(in_use, force_grouping=True)}
        )
