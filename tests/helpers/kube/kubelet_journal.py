"""The cause of a kubelet's end, out of its journal."""

from __future__ import annotations

import re

# klog's fatal lines (F, month and day, time), and the first lines of Go's own failures. Dozens of
# lines with the stacks of all goroutines follow.
_FATAL = re.compile(r"(?:^|: )(F\d{4} \d\d:\d\d:\d\d|panic: |fatal error: )")
_CAUSES = {
    "inotify_init: too many open files": (
        "other machines on this host use up the inotify instances of the user; end them, or raise"
        " the limit with `sysctl fs.inotify.max_user_instances=1024`"
    ),
    "inotify_add_watch": (
        "other machines on this host use up the inotify watches of the user; end them, or raise"
        " the limit with `sysctl fs.inotify.max_user_watches=1048576`"
    ),
}


def fatal_line(journal: str) -> str:
    """Return the last line with which a kubelet ended; empty when it did not end by itself."""
    lines = [line for line in journal.splitlines() if _FATAL.search(line)]
    return lines[-1].strip() if lines else ""


def describe_end(journal: str, most_lines: int = 40) -> str:
    """Return the kubelet's fatal line with its cause, if both are known.

    Args:
        journal: The text of the kubelet's journal.
        most_lines: How many of its last lines to return when it holds no fatal line.
    """
    line = fatal_line(journal)
    if not line:
        return "\n".join(journal.splitlines()[-most_lines:])
    causes = [cause for message, cause in _CAUSES.items() if message in line]
    return "\n".join([f"the kubelet ended: {line}", *causes])
