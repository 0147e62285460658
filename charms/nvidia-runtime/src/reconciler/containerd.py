"""Reconcile containerd's config.toml on a machine: read, decide, write only the difference."""

import json
from typing import Mapping

from labcharm.machine import Machine
from reconciler.config_toml import FILE, edit, remove_edits
from reconciler.docker import Outcome
from reconciler.settings import STATE_DIRECTORY, RuntimeSettings, find_program, parse_object

ORIGINAL_FILE = STATE_DIRECTORY + "/containerd-before.json"
_EMPTY = "version = 2\n"


def reconcile(
    machine: Machine, settings: RuntimeSettings, environment: Mapping[str, str]
) -> Outcome:
    """Register the runtime in config.toml; see `config_toml.edit`."""
    text = machine.read(FILE)
    if not find_program(machine, settings.path):
        settings = settings._replace(is_default=False)
    if settings.args:
        return Outcome(False, ["runtime-args works with docker only; clear it"], False)
    if text is None:
        machine.write(ORIGINAL_FILE, json.dumps({"made": True}) + "\n", 0o600)
    # Without a file containerd runs on its defaults; a new file must state its version.
    edited = edit(text if text is not None else _EMPTY, settings)
    changed = edited.text != (text or "") and machine.write(FILE, edited.text)
    return Outcome(changed, edited.problems, settings.is_default)


def restore(machine: Machine) -> bool:
    """Restore config.toml to its content without the charm; return whether that changed it."""
    text = machine.read(FILE)
    original = parse_object(machine.read(ORIGINAL_FILE)) or {}
    machine.remove(ORIGINAL_FILE)
    if text is None:
        return False
    restored = remove_edits(text)
    if original.get("made") and restored.strip() == _EMPTY.strip():
        return machine.remove(FILE)
    return restored != text and machine.write(FILE, restored)
