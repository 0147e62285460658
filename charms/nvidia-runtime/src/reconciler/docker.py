"""Put daemon.json right on a machine: read, decide, write only the difference."""

import json
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from labcharm.machine import Machine
from reconciler.settings import HOME, Wish, find_program, parse, read_wish

from .command_line import flags_of, read_unit
from .docker_file import decide, undo
from .docker_rules import MERGED_RUNTIMES, Version, flag_runtimes

FILE = "/etc/docker/daemon.json"
KEPT = HOME + "/docker-before.json"
UNIT = "docker.service"

# `default` tells whether nvidia is the default once the daemon has read its configuration.
Outcome = NamedTuple("Outcome", [("changed", bool), ("problems", List[str]), ("default", bool)])


def reconcile(machine: Machine, wish: Wish, environment: Mapping[str, str]) -> Outcome:
    """Make daemon.json say what the wish needs.

    A file that is no JSON is left alone and named as a problem; an empty one, which dockerd
    refuses, holds nothing to lose and is filled.

    Args:
        machine: Where docker runs.
        wish: What is wanted; without the program that it names, nvidia is made no default.
        environment: What docker's unit hands to its programs; empty outside of it.
    """
    text = machine.read(FILE)
    before = parse(text) if (text or "").strip() else {}
    if not isinstance(before, dict):
        return Outcome(False, ["%s is no JSON mapping; mend or remove it" % FILE], False)
    if not find_program(machine, wish.path):
        wish = wish._replace(default=False)
    flags = flags_of(read_unit(machine, UNIT, environment).args)
    version = docker_version(machine) if flag_runtimes(flags) else None
    kept = parse(machine.read(KEPT)) or {}
    decision = decide(before, kept, flags, wish, version)
    if decision.kept != kept:
        # Written first: if we die in between, what was there before us is known already.
        machine.write(KEPT, json.dumps(decision.kept, sort_keys=True) + "\n", 0o600)
    changed = decision.document != before and machine.write(FILE, as_text(decision.document))
    return Outcome(changed, decision.problems, decision.default)


def give_back(machine: Machine) -> bool:
    """Take us out of daemon.json; tell whether that changed it.

    A file that we made is removed; the file of somebody else keeps what is theirs.
    """
    before = parse(machine.read(FILE))
    kept = parse(machine.read(KEPT))
    changed = False
    if isinstance(before, dict) and isinstance(kept, dict):
        flags = flags_of(read_unit(machine, UNIT, {}).args)
        after = undo(before, kept, flags, read_wish(machine))
        if not after and "runtime" in kept and kept["runtime"] is None:
            changed = machine.remove(FILE)
        elif after != before:
            changed = machine.write(FILE, as_text(after))
    machine.remove(KEPT)
    return changed


def as_text(document: Dict[str, Any]) -> str:
    """Return a document as a file's text, its keys in the order in which they stood."""
    return json.dumps(document, indent=4) + "\n"


def docker_version(machine: Machine) -> Optional[Version]:
    """Return dockerd's version; None when it does not say."""
    out = machine.run(["dockerd", "--version"], timeout=10).out
    found = re.search(r"version (\d+)\.(\d+)", out)
    return (int(found.group(1)), int(found.group(2))) if found else None


__all__ = ["FILE", "KEPT", "MERGED_RUNTIMES", "UNIT", "Outcome", "give_back", "reconcile"]
