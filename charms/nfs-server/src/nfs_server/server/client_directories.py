"""The record of the directory that each related application was given.

An application keeps its directory when the options name another place for new directories.
"""

import json
from typing import Any, Dict, Mapping

from labcharm.machine import Machine

RECORD = "/var/lib/nfs-server-charm/guests.json"


def read(machine: Machine) -> Dict[str, str]:
    """Return the directory of each application that ever was related."""
    try:
        content: Any = json.loads(machine.read(RECORD) or "{}")
    except ValueError:
        content = {}
    directories = content.items() if isinstance(content, dict) else ()
    return {str(application): str(path) for application, path in directories}


def add(machine: Machine, directories: Mapping[str, str]) -> bool:
    """Add directories to the record; return whether the record changed."""
    record = dict(read(machine), **directories)
    return bool(record) and machine.write(RECORD, json.dumps(record, sort_keys=True) + "\n", 0o600)


def forget(machine: Machine) -> None:
    """Remove the record; the directories and their files stay."""
    machine.remove(RECORD)
