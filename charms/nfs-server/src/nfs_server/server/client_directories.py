"""The record of the directory that each related application was given.

An application keeps its directory when the options name another place for new directories.
"""

from typing import Dict, Mapping

from labcharm.machine import Machine
from nfs_server.records import read_record, write_record

RECORD = "/var/lib/nfs-server-charm/guests.json"


def read(machine: Machine) -> Dict[str, str]:
    """Return the directory of each application that ever was related."""
    record = read_record(machine, RECORD)
    return {application: str(path) for application, path in record.items()}


def add(machine: Machine, directories: Mapping[str, str]) -> bool:
    """Add directories to the record; return whether the record changed."""
    record = dict(read(machine), **directories)
    return bool(record) and write_record(machine, RECORD, record)


def forget(machine: Machine) -> None:
    """Remove the record; the directories and their files stay."""
    machine.remove(RECORD)
