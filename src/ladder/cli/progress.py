"""A progress bar on stderr, with rate and time left, if stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ladder.replay import Progress as Done

WORDS: Final = {"read": "reading", "evaluate": "working out", "look": "looking at"}
_MEGA: Final = 1_000_000


class _Rate(ProgressColumn):
    """Column of the rate: megabytes of a file, or supporters, per second."""

    def render(self, task: Task) -> Text:
        """Format the rate; empty while it is unknown."""
        speed = task.speed or 0.0
        if not speed:
            return Text("")
        if task.fields["stage"] == "read":
            return Text(f"{speed / _MEGA:.1f} MB/s", "dim")
        return Text(f"{speed:,.0f} supporters/s", "dim")


class Bar:
    """A context manager that shows the progress of `replay`; silent if stderr is no terminal."""

    def __init__(self) -> None:
        self._visible = sys.stderr.isatty()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            _Rate(),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=Console(stderr=True, highlight=False),
            transient=True,
            disable=not self._visible,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> Self:
        if self._visible:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._visible:  # rich 13 prints a line on stop even if disabled
            self._progress.stop()

    def working_out(self, ladder: str) -> Callable[[int, int], None]:
        """Return a callback that shows how many of how many supporters were evaluated."""
        return lambda finished, total: self.tell(Done("evaluate", ladder, finished, total))

    def tell(self, progress: Done) -> None:
        """Show the progress; a new stage or file gets a bar of its own."""
        key = (progress.stage, progress.name)
        if key not in self._tasks:
            words = f"{WORDS[progress.stage]} {progress.name}".strip()
            self._tasks[key] = self._progress.add_task(
                words, total=progress.total, stage=progress.stage
            )
        self._progress.update(self._tasks[key], completed=progress.done, total=progress.total)
