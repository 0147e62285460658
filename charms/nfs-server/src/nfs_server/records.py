"""The records of this charm on the machine: JSON files below /var/lib/nfs-server-charm."""

import json

from labcharm.documents import parse_object
from labcharm.json_types import JsonMapping, JsonObject
from labcharm.machine import Machine


def read_record(machine: Machine, path: str) -> JsonObject:
    """Return a record; empty when the file does not exist or does not hold a mapping."""
    return parse_object(machine.read(path)) or {}


def write_record(machine: Machine, path: str, record: JsonMapping) -> bool:
    """Write a record, readable by root only; return whether the file changed."""
    return machine.write(path, json.dumps(record, sort_keys=True) + "\n", 0o600)
