"""The disk usage of shares, as the action `usage` shows it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labkube.client.api import ApiError
from nfs_server.server.shares import Share
from nfs_server.usage import measure, volumes_of

SHARE = Share("root", "/srv/a", ("10.0.0.0/24",))


def volume(path: str, claim: str, provisioner: str = "lab") -> Any:
    """Return a volume of the cluster."""
    return SimpleNamespace(path=path, claim=claim, provisioner=provisioner)


def test_directories_of_a_share_are_measured_with_their_claims(tmp_path: Path) -> None:
    """Deeper directories are shown where they are a claim's."""
    machine = FakeMachine(tmp_path)
    real = tmp_path / "srv/a"
    real.mkdir(parents=True)
    machine.answers["du"] = (
        f"100\t{real}/login\n30\t{real}/kube/default/data\n50\t{real}/kube/default\n"
        f"70\t{real}/kube\n5\t{real}/kube/other\n180\t{real}\n"
    )
    volumes = [volume("/srv/a/kube/default/data/", "default/data"), volume("/srv/b/x", "n/x")]
    (usage,) = measure(machine, [SHARE], volumes)
    file_system = os.statvfs(real)

    assert machine.commands == [["du", "-x", "-B1", "-d3", str(real)]]
    assert (usage["name"], usage["path"], usage["bytes"]) == ("root", "/srv/a", 180)
    assert usage["file-system-bytes"] == file_system.f_blocks * file_system.f_frsize
    assert usage["free-bytes"] % file_system.f_frsize == 0
    assert 0 < usage["free-bytes"] < usage["file-system-bytes"]
    assert usage["folders"] == [
        {"folder": "kube", "bytes": 70, "claim": ""},
        {"folder": "kube/default/data", "bytes": 30, "claim": "default/data"},
        {"folder": "login", "bytes": 100, "claim": ""},
    ]


def test_share_without_claims_is_measured_one_level_deep(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    (tmp_path / "srv/a").mkdir(parents=True)
    (usage,) = measure(machine, [SHARE], [])

    assert machine.commands == [["du", "-x", "-B1", "-d1", f"{tmp_path}/srv/a"]]
    assert (usage["bytes"], usage["folders"]) == (0, [])


@pytest.mark.parametrize("is_reached", [True, False])
def test_volumes_are_those_of_the_provisioner(is_reached: bool) -> None:
    """A cluster that does not answer has none."""
    own, foreign = volume("/a", "n/a"), volume("/b", "n/b", "other")

    def volumes() -> list[Any]:
        if not is_reached:
            raise ApiError(0, "", "no answer")
        return [own, foreign]

    @contextmanager
    def connect() -> Any:
        yield SimpleNamespace(volumes=volumes)

    assert volumes_of(connect, "lab") == ([own] if is_reached else [])


def test_share_without_its_directory_is_named(tmp_path: Path) -> None:
    """A blocked unit may have none. The message has no error number."""
    message = "/nfsroot (export-root) does not exist; the unit's status has the reason"
    with pytest.raises(BlockedError) as raised:
        measure(Machine(str(tmp_path)), [Share("export-root", "/nfsroot", ())], [])
    assert str(raised.value) == message
