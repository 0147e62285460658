"""Which folder each related application was given: it keeps that, wherever new ones are made."""

import json
from typing import Any, Dict, Mapping

from labcharm.machine import Machine

PATH = "/var/lib/nfs-server-charm/guests.json"


def read(machine: Machine) -> Dict[str, str]:
    """Return the folder of each application that ever had one here."""
    try:
        found: Any = json.loads(machine.read(PATH) or "{}")
    except ValueError:
        found = {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(name): str(path) for name, path in pairs}


def keep(machine: Machine, folders: Mapping[str, str]) -> bool:
    """Keep these too; tell whether any is new."""
    kept = dict(read(machine), **folders)
    return bool(kept) and machine.write(PATH, json.dumps(kept, sort_keys=True) + "\n", 0o600)


def forget(machine: Machine) -> None:
    """Forget them; they and what they hold stay."""
    machine.remove(PATH)
