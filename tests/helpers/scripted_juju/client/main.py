"""The entry point: one call of the scripted client."""

from __future__ import annotations

import os
import sys
import time

from . import faults, phases
from .arguments import Arguments, parse
from .commands import run_command
from .errors import CommandError
from .objects import generation_of
from .output import Output
from .store import JsonObject, Store

_RECORDED_VARIABLES = (
    "JUJU_MODEL",
    "JUJU_CONTROLLER",
    "JUJU_DATA",
    "JUJU_STATUS_ISO_TIME",
    "HOME",
)


def main(directory: str, argv: list[str]) -> int:
    """Answer a call, and return the exit status.

    Args:
        directory: The directory of the state.
        argv: The arguments without the program's name.
    """
    store = Store(directory)
    try:
        return _call(store, argv)
    except Exception as error:
        text = f"scripted juju failed: {error!r}"
        store.append_call({"call": _number(store), "event": "violation", "text": text})
        raise


def _number(store: Store) -> int:
    """Return the number of this process's call, from the record."""
    pid = os.getpid()
    return next(e["call"] for e in reversed(store.call_events()) if e.get("pid") == pid)


def _call(store: Store, argv: list[str]) -> int:
    with store.locked() as state:
        state["calls"] += 1
        number: int = state["calls"]
        store.append_call(_start_event(number, argv))
        output, fault, violation, command = _answer(state, argv)
    if output.delay:
        time.sleep(output.delay)
    _print(output)
    end = {"call": number, "event": "end", "code": output.code}
    if fault is not None:
        store.append_call({"call": number, "event": "fault", "kind": fault["kind"]})
    if violation:
        store.append_call({"call": number, "event": "violation", "text": violation})
    store.append_call({"call": number, "event": "command", "name": command})
    if fault is not None:
        faults.finish(fault, store, number)
    store.append_call(end)
    return output.code


def _start_event(number: int, argv: list[str]) -> JsonObject:
    return {
        "call": number,
        "event": "start",
        "arguments": argv,
        "directory": os.getcwd(),
        "pid": os.getpid(),
        "time": time.time(),
        "environment": {
            name: os.environ[name] for name in _RECORDED_VARIABLES if name in os.environ
        },
    }


def _answer(state: JsonObject, argv: list[str]) -> tuple[Output, JsonObject | None, str, str]:
    """Return the answer, the failure that the call met, the broken rule, and the command."""
    try:
        arguments = parse(generation_of(state), argv)
    except CommandError as error:
        return _error_output(error), None, error.violation, argv[0] if argv else ""
    if arguments.command == "status":
        phases.advance(state)
        state["status_calls"] += 1
    fault = faults.pick(state, arguments.command, argv)
    violation = ""
    output = Output()
    if not faults.prevents_command(fault):
        output, violation = _run(state, arguments)
    if fault is not None:
        output = faults.changed_output(fault, output)
    return output, fault, violation, arguments.command


def _run(state: JsonObject, arguments: Arguments) -> tuple[Output, str]:
    try:
        return run_command(state, arguments), ""
    except CommandError as error:
        return _error_output(error), error.violation


def _error_output(error: CommandError) -> Output:
    return Output(stderr=f"ERROR {error.message}\n", code=error.code)


def _print(output: Output) -> None:
    sys.stderr.write(output.stderr)
    sys.stderr.flush()
    try:
        sys.stdout.write(output.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(141)
