"""Reconcile docker's daemon.json on a machine: read, decide, write only the difference."""

import json
import re
from typing import List, Mapping, NamedTuple, Optional

from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from reconciler.command_line import flags_of, read_unit
from reconciler.daemon_json import decide, undo
from reconciler.daemon_rules import Flags, Version, flag_runtimes
from reconciler.settings import (
    STATE_DIRECTORY,
    RuntimeSettings,
    find_program,
    parse_object,
    read_settings,
)

FILE = "/etc/docker/daemon.json"
ORIGINAL_FILE = STATE_DIRECTORY + "/docker-before.json"
UNIT = "docker.service"


class Outcome(NamedTuple):
    """The outcome of a reconciliation.

    Attributes:
        changed: Whether the engine's file was written.
        problems: What prevents the settings from taking effect.
        is_default: Whether nvidia is the default once the engine has read its configuration.
    """

    changed: bool
    problems: List[str]
    is_default: bool


def reconcile(
    machine: Machine, settings: RuntimeSettings, environment: Mapping[str, str]
) -> Outcome:
    """Register the runtime in daemon.json.

    A file that is not a JSON object is left alone and reported as a problem. An empty file, which
    dockerd refuses, is filled, because it holds nothing that could be lost.

    Args:
        machine: The machine on which docker runs.
        settings: The runtime. If its program is missing, nvidia is not made the default.
        environment: The variables that docker's unit passes to its programs; empty elsewhere.
    """
    text = machine.read(FILE) or ""
    document = parse_object(text) if text.strip() else {}
    if document is None:
        return Outcome(False, [f"{FILE} is not a JSON object; correct or remove it"], False)
    if not find_program(machine, settings.path):
        settings = settings._replace(is_default=False)
    flags = _flags(machine, environment)
    version = docker_version(machine) if flag_runtimes(flags) else None
    original = parse_object(machine.read(ORIGINAL_FILE)) or {}
    decision = decide(document, original, flags, settings, version)
    if decision.original != original:
        # Written first: if this process dies in between, the original content is on record.
        _write_original(machine, decision.original)
    changed = decision.document != document and _write(machine, decision.document)
    return Outcome(changed, decision.problems, decision.is_default)


def restore(machine: Machine) -> bool:
    """Restore daemon.json to its content without the charm; return whether that changed it.

    A file that the charm created is removed. Any other file keeps what is not the charm's.
    """
    document = parse_object(machine.read(FILE))
    original = parse_object(machine.read(ORIGINAL_FILE))
    changed = False
    if document is not None and original is not None:
        restored = undo(document, original, _flags(machine, {}), read_settings(machine))
        if not restored and original.get("runtime", "") is None:
            changed = machine.remove(FILE)
        elif restored != document:
            changed = _write(machine, restored)
    machine.remove(ORIGINAL_FILE)
    return changed


def _flags(machine: Machine, environment: Mapping[str, str]) -> Flags:
    return flags_of(read_unit(machine, UNIT, environment).args)


def _write(machine: Machine, document: JsonObject) -> bool:
    """Write daemon.json, the keys in the order in which they stood."""
    return machine.write(FILE, json.dumps(document, indent=4) + "\n")


def _write_original(machine: Machine, original: JsonObject) -> None:
    machine.write(ORIGINAL_FILE, json.dumps(original, sort_keys=True) + "\n", 0o600)


def docker_version(machine: Machine) -> Optional[Version]:
    """Return dockerd's version as two numbers; None when it prints none."""
    output = machine.run(["dockerd", "--version"], timeout=10).out
    match = re.search(r"version (\d+)\.(\d+)", output)
    return (int(match.group(1)), int(match.group(2))) if match else None
