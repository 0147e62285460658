"""The record of calls, as a test reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .client.store import JsonObject


@dataclass(frozen=True)
class Call:
    """One call of the program.

    Attributes:
        arguments: The arguments without the program's name.
        command: The command's name; never an alias. The word itself for an unknown command.
        code: The exit status; None for a call that has not ended, or was killed.
        violation: The rule that the call broke; empty if it broke none.
        faults: The kinds of the failures that the call met.
        environment: The variables that the client reads.
        directory: The working directory.
        pid: The process.
        child_pids: The child processes of a hanging call.
        time: When the call began, in seconds since the epoch.
    """

    arguments: tuple[str, ...]
    command: str
    code: int | None
    violation: str
    faults: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str
    pid: int
    child_pids: tuple[int, ...]
    time: float


def read_calls(events: Sequence[JsonObject]) -> list[Call]:
    """Return the calls that some events describe, the oldest first."""
    groups: dict[int, list[JsonObject]] = {}
    for event in events:
        groups.setdefault(event["call"], []).append(event)
    return [_call(group) for group in groups.values()]


def _call(events: list[JsonObject]) -> Call:
    kinds = {event["event"]: event for event in events}
    start = kinds["start"]
    return Call(
        arguments=tuple(start["arguments"]),
        command=kinds.get("command", {}).get("name", ""),
        code=kinds.get("end", {}).get("code"),
        violation=kinds.get("violation", {}).get("text", ""),
        faults=tuple(event["kind"] for event in events if event["event"] == "fault"),
        environment=start["environment"],
        directory=start["directory"],
        pid=start["pid"],
        child_pids=tuple(event["pid"] for event in events if event["event"] == "child"),
        time=start["time"],
    )


def runs_client(pid: int, directory: str) -> bool:
    """Return whether a process is still a call of this program; its number may be used again."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and directory.encode() in command
