"""The progress of a wait: a table that changes on a terminal, and lines elsewhere."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TextIO

from ..live.wait.progress import Progress
from ..live.wait.progress_lines import ProgressLine, changed_lines, progress_lines
from ..visible_text import visible
from .output import flush_streams, print_line, write

if TYPE_CHECKING:
    from rich.table import Table

Report = Callable[[Progress], None]


def duration_text(seconds: float) -> str:
    """Return a duration as people write it, such as ``1h05m`` or ``3m20s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


@contextlib.contextmanager
def progress_report(stream: TextIO | None = None) -> Generator[Report]:
    """Show the progress of a wait while the context lasts.

    Args:
        stream: Where to show it; standard output by default.

    Yields:
        The function to call with each progress.
    """
    out = stream or sys.stdout
    if out.isatty() and os.environ.get("TERM") != "dumb":
        with _live_table(out) as report:
            yield report
    else:
        yield LineReport(out)


class LineReport:
    """Prints a line about each subject when the line has changed.

    Args:
        stream: Where to print.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        # That the controller answers is only worth a line after it did not.
        self._printed = {"controller": ProgressLine("controller", "answers")}
        self._is_overdue = False

    def __call__(self, progress: Progress) -> None:
        """Print what has changed, with the time since the start."""
        lines = changed_lines(progress_lines(progress), self._printed)
        self._printed |= {line.subject: line for line in lines}
        for line in lines:
            self._print(progress, str(line))
        is_overdue = progress.estimate is not None and progress.estimate.is_overdue
        has_new_phase = any(line.subject == "phase" for line in lines)
        if progress.estimate and (has_new_phase or is_overdue is not self._is_overdue):
            self._print(progress, f"time left: {progress.estimate}")
        self._is_overdue = is_overdue
        flush_streams()

    def _print(self, progress: Progress, text: str) -> None:
        print_line(f"{duration_text(progress.seconds):>6}  {text}", stream=self._stream)


class _Screen(io.TextIOBase):
    """A terminal to which all text goes through :func:`botlab.cli.output.write`."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str, /) -> int:
        write(text, self._stream)
        return len(text)

    def flush(self) -> None:
        flush_streams()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()


@contextlib.contextmanager
def _live_table(out: TextIO) -> Generator[Report]:
    # Imported here, because rich takes 100 ms to import.
    from rich.console import Console
    from rich.live import Live

    console = Console(file=_Screen(out), highlight=False, markup=False)  # pyright: ignore[reportArgumentType] - a text stream
    with Live(console=console, auto_refresh=False) as live:
        yield lambda progress: live.update(progress_table(progress), refresh=True)


def progress_table(progress: Progress) -> Table:
    """Return the progress as a table of rich."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for line in progress_lines(progress, with_hooks=True):
        style = "bold red" if line.is_serious else "green" if line.text.startswith("ready") else ""
        table.add_row(Text(visible(line.subject)), Text(visible(line.text), style))
    if progress.estimate:
        table.add_row(Text("time left"), Text(str(progress.estimate)))
    table.add_row(Text("waited"), Text(duration_text(progress.seconds)))
    return table
