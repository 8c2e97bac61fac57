"""`manage.py replace_boundaries [FILE] --level NAME --release NAME [--dry-run|--yes]`."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from layers.errors import Refusal
from layers.readers import FileMissing
from neighbourhoods.domain.boundaries import BoundaryDifference, compare_releases, replace_boundaries
from neighbourhoods.domain.boundaries.errors import ReleaseInForce
from neighbourhoods.domain.boundaries.replace import check_replaceable, release_in_force, release_named
from neighbourhoods.importers.command import ImportCommand, refused_in_words
from neighbourhoods.importers.gis_rows import Fields
from neighbourhoods.importers.load_districts import import_districts
from neighbourhoods.importers.progress import Ticker, progress_bars
from neighbourhoods.importers.report import ImportReport, kind_in_words

MOST_MOVES_SHOWN = 12


class _NotAgreed(Exception):
    """Nobody said yes: what was done so far is undone."""


class Command(ImportCommand):
    """Put another release of a level's districts in force, and place everything in them again."""

    help = "Put another release of a level's districts in force: show what changes, then place everything again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the level, the release, the file it may come from, and whether to ask."""
        parser.add_argument("file", type=Path, nargs="?", help="The release's districts, if not yet imported.")
        parser.add_argument("--level", required=True, help="Name of the level: commune, district, sector …")
        parser.add_argument("--release", required=True, help="Name of the release to put in force.")
        parser.add_argument("--name-field", default="", metavar="F", help="With a file: field of the district's name.")
        parser.add_argument("--code-field", default="", metavar="F", help="With a file: field of its code.")
        parser.add_argument("--layer", default="", help="With a file: its layer, where it has several.")
        parser.add_argument(
            "--valid-from", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="With a file: in force since."
        )
        parser.add_argument("--refused", type=Path, metavar="FILE.csv", help="With a file: where refused rows go.")
        answer = parser.add_mutually_exclusive_group()
        answer.add_argument("--dry-run", action="store_true", help="Show what would change, and change nothing.")
        answer.add_argument("--yes", action="store_true", help="Do not ask.")

    def import_file(self, path: Path, *, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        """Import the release's districts, beside those in force."""
        import_districts(
            path,
            level_name=options["level"],
            release_name=options["release"],
            fields=Fields(name=options["name_field"], code=options["code_field"]),
            report=report,
            layer=options["layer"],
            valid_from=options["valid_from"],
            ticker=ticker,
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, compare, ask, replace: all of it in one transaction, or nothing."""
        path: Path | None = options["file"]
        try:
            if path is not None and not path.is_file():
                raise FileMissing(_("There is no file “%(path)s”.") % {"path": path})
            with (
                ImportReport(refused_file=options["refused"]) as report,
                progress_bars() as ticker,
                transaction.atomic(),
            ):
                self._replace(path, report, ticker, options)
        except _NotAgreed:
            self.stdout.write(_("Nothing was changed."))
        except Refusal as refusal:
            raise CommandError(refused_in_words(refusal.detail, refusal.code)) from refusal
        except OSError as error:
            reason = _("A file could not be read or written: %(error)s.") % {"error": error}
            raise CommandError(refused_in_words(reason, "file_unreadable")) from error

    def _replace(self, path: Path | None, report: ImportReport, ticker: Ticker, options: dict[str, Any]) -> None:
        old = release_in_force(level=options["level"])
        if path is not None:
            if old is not None and old.name == options["release"]:
                raise ReleaseInForce(
                    _("“%(release)s” of level %(level)s is in force already: give the new release another name.")
                    % {"release": old.name, "level": old.level.name},
                    field="release",
                )
            self.import_file(path, report=report, ticker=ticker, options=options)
            self.print_report(report)
        new = release_named(level=options["level"], name=options["release"])
        if path is not None and old is None:
            return  # the first release of a level is in force at once
        check_replaceable(new)
        if old is not None:
            ticker.step(_("Comparing the releases"))
            self._print_difference(compare_releases(old=old, new=new))
        if options["dry_run"] or not (options["yes"] or self._agreed(new.name)):
            raise _NotAgreed
        ticker.step(_("Placing everything again"))
        written = replace_boundaries(release=new)
        self.stdout.write(_("“%(release)s” is in force.") % {"release": new.name})
        for kind, count in written.items():
            said = {"kind": kind_in_words(kind), "count": number_format(count, force_grouping=True)}
            self.stdout.write(_("Placed again, %(kind)s: %(count)s") % said)

    def _agreed(self, release: str) -> bool:
        """Ask on a terminal; elsewhere nobody can answer."""
        if not self.stdout.isatty():
            raise CommandError(
                _("Say --yes to put “%(release)s” in force. Nothing was changed.") % {"release": release}
            )
        answer = input(_("Put “%(release)s” in force? Type yes: ") % {"release": release})
        return answer.strip().casefold() in {"yes", "oui"}

    def _print_difference(self, difference: BoundaryDifference) -> None:
        stdout: Any = self.stdout
        console = Console(
            file=stdout, width=None if self.stdout.isatty() else 160, highlight=False, markup=False, emoji=False
        )
        table = Table(title=_("From “%(old)s” to “%(new)s”") % {"old": difference.old.name, "new": difference.new.name})
        for heading in (_("District"), _("Change"), _("Area before, km²"), _("Area after, km²")):
            table.add_column(heading)
        for district in difference.appeared:
            table.add_row(f"{district.name} ({district.code})", _("new"), "", _km2(district.area_m2))
        for district in difference.gone:
            table.add_row(f"{district.name} ({district.code})", _("gone"), _km2(district.area_m2), "")
        for both in difference.changed:
            said = [_("was called %(name)s") % {"name": both.old_name}] if both.is_renamed else []
            said += [_("%(area)s km² redrawn") % {"area": _km2(both.changed_m2)}] if both.is_redrawn else []
            areas = (_km2(both.old_area_m2), _km2(both.new_area_m2))
            table.add_row(f"{both.new_name} ({both.code})", ", ".join(said), *areas)
        console.print(table)
        console.print(_("Districts that stay as they are: %(count)s") % {"count": difference.unchanged})
        for concerned in difference.concerned:
            label = concerned.label
            if concerned.moves is not None:
                console.print(
                    _("Change district, %(kind)s: %(count)s") % {"kind": label, "count": _number(concerned.moved)}
                )
            for move in (concerned.moves or ())[:MOST_MOVES_SHOWN]:
                outside = _("outside")
                console.print(f"  {move.from_name or outside} → {move.to_name or outside}: {_number(move.count)}")
            if concerned.references:
                names = ", ".join(concerned.references[:MOST_MOVES_SHOWN])
                console.print(
                    _("Made with districts of “%(old)s” and kept so, %(kind)s: %(count)s (%(names)s)")
                    % {
                        "old": difference.old.name,
                        "kind": label,
                        "count": _number(len(concerned.references)),
                        "names": names,
                    }
                )


def _km2(area_m2: float) -> str:
    return number_format(area_m2 / 1e6, 3)


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
