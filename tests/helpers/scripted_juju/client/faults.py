"""Failures that a test switches on: which one a call meets, and what it does to the answer."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from fnmatch import fnmatchcase
from typing import Any

from .output import Output, compact_json
from .store import JsonObject, Store


def pick(state: JsonObject, command: str, argv: list[str]) -> JsonObject | None:
    """Return the failure that a call meets, and count the call.

    Args:
        state: The state; the counters of its failures change.
        command: The command's name.
        argv: The arguments of the call.
    """
    for fault in state["faults"]:
        if not fnmatchcase(command, fault["command"]):
            continue
        if any(word not in argv for word in fault["arguments"]):
            continue
        fault["calls"] += 1
        after, times = fault["after"], fault["times"]
        if fault["calls"] > after and (times is None or fault["calls"] <= after + times):
            return fault
    return None


def prevents_command(fault: JsonObject | None) -> bool:
    """Return whether the command has no effect on the state because of a failure."""
    return fault is not None and not fault["is_applied"]


def changed_output(fault: JsonObject, output: Output) -> Output:
    """Return the answer as a failure changes it."""
    kind = fault["kind"]
    if kind == "answer":
        return _answer(fault, output)
    if kind == "half_written":
        output.stdout = output.stdout[: int(len(output.stdout) * fault["share"])]
        output.code = fault["code"]
    elif kind == "unknown_fields":
        output.stdout = _with_unknown_fields(output.stdout)
    elif kind == "long_output":
        output.stdout = " " * fault["size"] + output.stdout
        output.stderr += "x" * fault["size"]
    elif kind == "exit_code":
        output.code = fault["code"]
    elif kind == "slow":
        output.delay += fault["seconds"]
    return output


def _answer(fault: JsonObject, output: Output) -> Output:
    for name in ("stdout", "stderr", "code"):
        if fault[name] is not None:
            setattr(output, name, fault[name])
    return output


def _with_unknown_fields(text: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return f"{compact_json(_extended(document))}\n"


def _extended(value: Any) -> Any:
    if isinstance(value, list):
        return [_extended(member) for member in value]
    if not isinstance(value, dict):
        return value
    # A map from names to objects must not get a member that is not such an object.
    extended = {name: _extended(member) for name, member in value.items()}
    if value and all(isinstance(member, dict) for member in value.values()):
        return extended
    return {**extended, "x-unknown-field": {"added-by": "scripted juju", "list": [1, None]}}


def finish(fault: JsonObject, store: Store, number: int) -> None:
    """Do what a failure does to the process itself; most failures do nothing here.

    Args:
        fault: The failure.
        store: The store, in which a child process is recorded.
        number: The number of the call.
    """
    if fault["kind"] == "hang":
        _hang(fault, store, number)
    elif fault["kind"] == "killed":
        sys.stdout.flush()
        os.kill(os.getpid(), fault["signal"])
    elif fault["kind"] == "stderr_noise":
        sys.stderr.buffer.write(bytes.fromhex(fault["noise"]))
        sys.stderr.flush()


def _hang(fault: JsonObject, store: Store, number: int) -> None:
    """Wait without an end, as far as a test is concerned: the limit only protects the machine."""
    if fault["ignores_sigterm"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if fault["has_child"] and os.fork() == 0:
        if fault["is_child_detached"]:
            os.setsid()
        store.append_call({"call": number, "event": "child", "pid": os.getpid()})
    limit = time.monotonic() + fault["limit"]
    while time.monotonic() < limit:
        time.sleep(0.2)
    os._exit(124)
