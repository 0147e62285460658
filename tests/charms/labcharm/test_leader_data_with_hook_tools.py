"""Secrets in hooks: a small charm, ops itself, and the hook tools of the tests' Juju."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from helpers.juju.unit import Unit

LIB = Path(__file__).resolve().parents[3] / "charms/shared/lib"
_CHARM = """\
import ops
from labcharm.compat import LeaderData, SecretData
from labcharm.errors import WaitingError

class Lab(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for event in (self.on.config_changed, self.on.stop, self.on.start):
            framework.observe(event, self._run)

    def _run(self, event):
        secret = SecretData(self, LeaderData(self, "installers"), "credentials")
        if isinstance(event, ops.StartEvent):
            self.app.add_secret({"password": "other"}, label="credentials")
        elif isinstance(event, ops.StopEvent):
            secret.remove()
        else:
            self._extend(secret)

    def _extend(self, secret):
        try:
            before = secret.read().get("password", "none")
            secret.write({"password": before + "+"})
            self.unit.status = ops.ActiveStatus(before)
        except WaitingError as error:
            self.unit.status = ops.WaitingStatus(str(error))

ops.main(Lab)
"""
_PEERS = {"name": "installers", "remote": "lab", "units": {}}


@pytest.fixture
def lab(tmp_path: Path) -> Unit:
    """Return a unit of the small charm that has no peer relation yet."""
    path = f"{LIB}:{':'.join(entry for entry in sys.path if 'site-packages' in entry)}"
    files = {
        "metadata.yaml": "name: lab\npeers: {installers: {interface: lab}}\n",
        "config.yaml": "options: {}\n",
        "dispatch": f"#!/bin/sh\nPYTHONPATH={path} exec {sys.executable} src/charm.py\n",
        "src/charm.py": _CHARM,
    }
    with zipfile.ZipFile(tmp_path / "lab.charm", "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, text)
    unit = Unit(str(tmp_path / "unit"), "lab/0", "3.6")
    unit.unpack(str(tmp_path / "lab.charm"))
    return unit


def run_hook(unit: Unit, name: str = "config-changed") -> str:
    """Run a hook that succeeds; return the unit's status."""
    code, output = unit.run(name)
    assert code == 0, output
    return str(unit.status())


def passwords(unit: Unit) -> list[str]:
    """Return the passwords of all secrets."""
    return [str(secret["password"]) for secret in unit.get("secrets", {}).values()]


def test_secret_is_the_same_from_hook_to_hook(lab: Unit) -> None:
    """There is none before its id can be stored, then one until it is removed."""
    assert run_hook(lab) == "waiting: the peer relation installers does not exist yet"
    assert passwords(lab) == []
    lab.put("relations", {"installers:9": _PEERS})
    assert [run_hook(lab) for _ in range(2)] == ["active: none", "active: none+"]
    assert passwords(lab) == ["none++"]
    run_hook(lab, "stop")
    assert passwords(lab) == []
    assert run_hook(lab) == "active: none"


def test_secret_whose_id_was_not_stored_is_found_by_its_label(lab: Unit) -> None:
    """Juju refuses to add a second secret with that label."""
    lab.put("secrets", {"left": {"password": "old"}})
    lab.put("secret-labels", {"credentials": "left"})
    lab.put("relations", {"installers:9": _PEERS})
    code, output = lab.run("start")
    assert code != 0
    assert 'secret with label "credentials" already exists' in output + lab.log()

    assert run_hook(lab) == "active: none"
    assert run_hook(lab) == "active: none+"
    assert passwords(lab) == ["none++"]
