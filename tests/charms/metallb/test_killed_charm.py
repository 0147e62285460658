"""The charm's process is killed after each of its effects on the cluster.

Juju stores relation data only when a hook or an action ends well, and the cluster changes at once.
Whatever the next hook finds, its status must agree with the cluster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.fake_apis.memory_server import MemoryServer
from helpers.fake_apis.metallb_api import EveryKindApi
from helpers.juju.killed_hooks import kill_charm, run_until_killed
from helpers.juju.unit import Unit
from helpers.kube.related import make_unit, run
from labkube.client import kubeconfig

NUMBER = 17  # of the release's objects
# The first, a middle one and the last of the objects.
WRITES = [1, 9, NUMBER]
REMOVED = "blocked: removed by action; "
DIRECTORY = "root/var/lib/metallb-charm"


class Lab:
    """A unit and the API server of its cluster, on which nothing is installed yet."""

    def __init__(self, unit: Unit, server: MemoryServer) -> None:
        self.unit, self.server = unit, server

    def kill_after(self, write: int) -> None:
        """Kill the charm after a write, counted from now on."""
        last = len(self.server.writes) + write

        def kill(number: int) -> None:
            if number == last:
                kill_charm(self.unit)

        self.server.after_write = kill

    def is_complete(self) -> bool:
        """Return whether every object is in its desired state."""
        return self.unit.action("list-objects")["results"]["ok"] == "true"

    @property
    def kinds(self) -> list[str]:
        """The kinds of the objects on the cluster."""
        return [key[1] for key in self.server.api.objects]


@pytest.fixture
def lab(archives: Path, tmp_path: Path) -> Iterator[Lab]:
    """Start a server, and unpack the charm on a machine."""
    environment = {"METALLB_ROOT": str(tmp_path / "root")}
    unit = make_unit("today", archives, "metallb", "metallb/0", tmp_path, environment)
    with MemoryServer(tmp_path, EveryKindApi((1, 20))) as server:
        options: dict[str, Any] = {"addresses": "10.0.0.10-10.0.0.19", "version": "v0.9.8"}
        unit.configure({**options, "kubeconfig": kubeconfig.render(server.access)})
        unit.put("relations", {"units:1": {"name": "units", "remote": "metallb", "units": {}}})
        yield Lab(unit, server)


@pytest.mark.parametrize("write", WRITES)
def test_installation_continues(lab: Lab, write: int) -> None:
    lab.kill_after(write)
    assert run_until_killed(lab.unit, "install"), lab.unit.status()

    assert run(lab.unit, "install").startswith("waiting: MetalLB v0.9.8: ")
    assert lab.is_complete()


@pytest.mark.parametrize("write", WRITES)
def test_removal_by_a_killed_action_is_not_undone(lab: Lab, write: int, tmp_path: Path) -> None:
    """The status names what is left, and a second action deletes it."""
    run(lab.unit, "install")
    lab.kill_after(write)
    assert run_until_killed(lab.unit, "action remove-objects")
    left = lab.kinds

    status = run(lab.unit, "update-status")
    assert lab.kinds == left
    assert status.startswith("blocked: removed by action, except " if left else REMOVED)
    assert (tmp_path / DIRECTORY / "kubeconfig").exists() == bool(left)
    assert json.loads(lab.unit.action("remove-objects")["results"]["ok"])
    assert lab.kinds == []
    assert run(lab.unit, "update-status").startswith(REMOVED)


@pytest.mark.parametrize("write", WRITES)
def test_killed_reinstallation_continues(lab: Lab, write: int) -> None:
    """Juju did not store that the removal ended."""
    run(lab.unit, "install")
    lab.unit.action("remove-objects")
    assert run(lab.unit, "update-status").startswith(REMOVED)
    lab.kill_after(write)
    assert run_until_killed(lab.unit, "action sync-objects")

    assert run(lab.unit, "update-status").startswith("waiting: MetalLB v0.9.8: ")
    assert lab.is_complete()
    assert run(lab.unit, "update-status").startswith("waiting: MetalLB v0.9.8: ")


@pytest.mark.parametrize(("write", "following"), [(1, "stop"), (9, "remove"), (NUMBER, "remove")])
def test_removal_of_the_application_continues(
    lab: Lab, write: int, following: str, tmp_path: Path
) -> None:
    """Juju repeats `stop`, or goes on to `remove`."""
    run(lab.unit, "install")
    lab.unit.put("leaving", True)
    lab.kill_after(write)
    assert run_until_killed(lab.unit, "stop")

    run(lab.unit, following)
    assert lab.kinds == []
    assert not (tmp_path / DIRECTORY).exists()
