"""The charm's records on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from nfs_server.records import read_record, write_record

PATH = "/var/lib/nfs-server-charm/record.json"


def test_record_is_written_once_for_root_alone(tmp_path: Path) -> None:
    """The keys are sorted, so that the same record is the same text."""
    machine = Machine(str(tmp_path))
    assert read_record(machine, PATH) == {}

    assert write_record(machine, PATH, {"b": [1], "a": None}) is True
    assert machine.read(PATH) == '{"a": null, "b": [1]}\n'
    assert Path(machine.path(PATH)).stat().st_mode & 0o777 == 0o600
    assert write_record(machine, PATH, {"a": None, "b": [1]}) is False
    assert read_record(machine, PATH) == {"a": None, "b": [1]}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3"])
def test_damaged_record_is_empty(tmp_path: Path, text: str) -> None:
    machine = Machine(str(tmp_path))
    machine.write(PATH, text)

    assert read_record(machine, PATH) == {}
