"""Names of temporary files by which a later process recognizes those of a killed one.

A name holds the process and the time at which it started, because process numbers are reused. So
the files of another charm's hook on the same machine are distinguished from leftovers.
"""

import os
import re

_MARK = re.compile(r"^(\d+)-(\d*)-")


def own_mark() -> str:
    """Return the part of a name that stands for this process."""
    process = os.getpid()
    return f"{process}-{_start_time(process)}-"


def is_stale(name: str) -> bool:
    """Return whether the process whose mark a name begins with has ended."""
    match = _MARK.match(name)
    return match is None or _start_time(int(match.group(1))) != match.group(2)


def _start_time(process: int) -> str:
    """Return when a process started, in the kernel's ticks; empty if it does not run (proc(5))."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
