"""Progress bars on stderr; plain lines where stderr is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Step(Protocol):
    """One step of an import, as the importer sees it."""

    def advance(self, amount: int = 1) -> None:
        """So much more is done."""


class Ticker(Protocol):
    """Where an importer says what it is doing."""

    def step(self, description: str, total: int | None = None) -> Step:
        """Begin a step; `total` is in the units that `advance` will be called with."""


class _BarStep:
    """A step with a bar; drawn every 500 units at the most, so that a bar costs nothing per row."""

    def __init__(self, progress: Progress, task: int) -> None:
        self.progress, self.task, self.pending = progress, task, 0

    def advance(self, amount: int = 1) -> None:
        self.pending += amount
        if self.pending >= 500:
            self.flush()

    def flush(self) -> None:
        self.progress.advance(self.task, self.pending)  # type: ignore[arg-type]
        self.pending = 0


class _Bars:
    """Bars, one a step."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.current: _BarStep | None = None

    def step(self, description: str, total: int | None = None) -> Step:
        self.finish()
        if not self.progress.console.is_terminal:
            self.progress.console.print(f"… {description}")
        self.current = _BarStep(self.progress, self.progress.add_task(description, total=total))
        return self.current

    def finish(self) -> None:
        if self.current:
            self.current.flush()
            task = self.progress.tasks[self.current.task]
            self.progress.update(
                task.id, total=task.total or task.completed or 1, completed=task.total or task.completed or 1
            )


class SilentTicker:
    """No progress at all: for importers called from code."""

    def step(self, description: str, total: int | None = None) -> Step:
        """A step that shows nothing."""
        return self

    def advance(self, amount: int = 1) -> None:
        """Show nothing."""


@contextmanager
def progress_bars() -> Iterator[Ticker]:
    """Bars on stderr for as long as the block runs."""
    console = Console(stderr=True)
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=not console.is_terminal,
        disable=False,
    )
    if not console.is_terminal:
        progress.disable = True
    with progress:
        bars = _Bars(progress)
        yield bars
        bars.finish()
