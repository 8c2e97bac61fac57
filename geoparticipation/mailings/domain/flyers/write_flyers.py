"""Writing the flyers of a mailing to a file, so that a run that was stopped goes on where it was.

While it is being written, a folder has the pages so far, where each lies (`offsets`), and a checkpoint that says how
much of both is good: whatever lies behind it is cut off when the run goes on. Codes are worked out from the mailing, so
the file of a run that was stopped ten times is, byte for byte, that of one that never was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings

from geoparticipation.mailings.domain.flyers.pages import ONE_BY_ONE, FlyerPages, PrintOptions
from geoparticipation.mailings.domain.flyers.sequence import (
    BEFORE_ALL,
    Flyer,
    Place,
    flyers_after,
    flyers_by_round,
    order_digest,
    packets,
    pages_in_all,
)
from geoparticipation.mailings.domain.flyers.streamed_pdf import StreamedPdf
from geoparticipation.mailings.errors import FlyersBeingWritten
from geoparticipation.mailings.models import FlyerDesign

PAGES_BETWEEN_CHECKPOINTS: Final = 500


class FlyersCancelled(Exception):
    """Somebody stopped the run; the pages so far are kept to go on with."""


@dataclass(frozen=True)
class Checkpoint:
    """What of a run is safe on disk: so many pages and bytes, up to this flyer; `fingerprint` is of what made them."""

    fingerprint: str
    pages: int
    end: int
    place: Place


@dataclass(frozen=True)
class Written:
    """What a run did: flyers and pages of the file, and how many pages an earlier run had made."""

    flyers: int
    pages: int
    pages_found: int
    size_bytes: int


def write_flyers(
    *,
    design: FlyerDesign,
    path: Path,
    options: PrintOptions = ONE_BY_ONE,
    on_progress: Callable[[int, int], None] = lambda done, in_all: None,
) -> Written:
    """Write one flyer after the other, in the order of the list, as a PDF that appears whole or not at all.

    What an earlier run of the same flyers left in `unfinished_folder(path)` is gone on with; after another design, or
    in another order, they are begun anew. Constant memory, but for 16 bytes a page. `on_progress` is called with the
    pages written and in all, and may raise FlyersCancelled. Raises FlyerTextTooLong, CodesNotReproducible,
    FlyersBeingWritten, NoRounds, RoundsIncomplete.
    """
    folder = unfinished_folder(path)
    with _locked(folder):
        counts = flyers_by_round(design.mailing, options.order)
        pages = FlyerPages(design, options)
        per_page = pages.flyers_per_page
        in_all = pages_in_all(counts, per_page, with_covers=options.has_covers)
        with _opened(folder / "pages.pdf") as file, _opened(folder / "offsets") as offsets:
            made_of = _fingerprint(design, options, pages)
            found = _checkpoint(folder, made_of)
            pdf = StreamedPdf(file, pages.head, pages=in_all, page_boxes=pages.page_boxes)
            if found is None:
                pdf.go_on(array("Q"), pdf.end)
            else:
                pdf.go_on(_stored_offsets(offsets, found.pages), found.end)
            offsets.truncate(16 * pdf.pages_written)
            offsets.seek(0, os.SEEK_END)
            on_progress(pdf.pages_written, in_all)
            behind = found.place if found else BEFORE_ALL
            stored, in_round = pdf.pages_written, behind[0]
            for packet in packets(flyers_after(design.mailing, options.order, behind), per_page):
                if options.has_covers and packet[0][0].round != in_round:
                    in_round = packet[0][0].round
                    pdf.add_page(pages.cover(in_round))
                for several in packet:
                    pdf.add_page(pages.page(several))
                if pdf.pages_written - stored >= PAGES_BETWEEN_CHECKPOINTS:
                    good = Checkpoint(made_of, pdf.pages_written, pdf.end, _last_of(packet))
                    _store(folder, (file, offsets), pdf, stored, good)
                    stored = pdf.pages_written
                    on_progress(stored, in_all)
            on_progress(in_all, in_all)
            pdf.finish()
            file.flush()
            os.fsync(file.fileno())
        (folder / "pages.pdf").replace(path)
        shutil.rmtree(folder)
    return Written(
        flyers=design.mailing.flyer_count, pages=in_all, pages_found=found.pages if found else 0, size_bytes=pdf.end
    )


def _last_of(packet: list[list[Flyer]]) -> Place:
    return max(flyer.place for several in packet for flyer in several)


def unfinished_folder(path: Path) -> Path:
    """Where the pages are until the file is whole; they bear codes, so it is for their owner alone."""
    return path.with_name(f".{path.name}.unfinished")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep others from writing the same file; the system lets go of a killed process's lock."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FlyersBeingWritten from None
        yield


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")


def _fingerprint(design: FlyerDesign, options: PrintOptions, pages: FlyerPages) -> str:
    """What decides about the bytes of the file: the shared drawing, where codes go, and the mailing."""
    what: dict[str, Any] = {
        "mailing": [design.mailing.pk, design.mailing.salt, design.mailing.flyer_count],
        "options": asdict(options),
        "site": settings.SITE_URL,
        "head": hashlib.sha256(pages.head.content).hexdigest(),
        "slots": asdict(pages.slots),
        "covers": pages.covers_digest,
    }
    hashed = hashlib.sha256(json.dumps(what, sort_keys=True).encode())
    order_digest(design.mailing, options.order, hashed)
    return hashed.hexdigest()


def _checkpoint(folder: Path, fingerprint: str) -> Checkpoint | None:
    try:
        stored = json.loads((folder / "checkpoint.json").read_text())
        found = Checkpoint(**{**stored, "place": tuple(stored["place"])})
        lengths = [(folder / name).stat().st_size for name in ("pages.pdf", "offsets")]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    is_good = found.fingerprint == fingerprint and lengths[0] >= found.end and lengths[1] >= 16 * found.pages
    return found if is_good else None


def _stored_offsets(file: BinaryIO, pages: int) -> array[int]:
    offsets = array("Q")
    offsets.frombytes(file.read(16 * pages))
    if sys.byteorder == "big":
        offsets.byteswap()
    return offsets


def _store(
    folder: Path, files: tuple[BinaryIO, BinaryIO], pdf: StreamedPdf, stored: int, checkpoint: Checkpoint
) -> None:
    """Bring the pages since the last checkpoint to disk, then the one that vouches for them."""
    fresh = pdf.offsets[2 * stored :]
    if sys.byteorder == "big":
        fresh.byteswap()
    files[1].write(fresh.tobytes())
    for file in files:
        file.flush()
        os.fsync(file.fileno())
    partial = folder / "checkpoint.partial"
    partial.write_text(json.dumps(asdict(checkpoint)))
    partial.replace(folder / "checkpoint.json")
