"""What tests wait for, and whether a process has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def until(ready: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, though nobody asked for its code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
