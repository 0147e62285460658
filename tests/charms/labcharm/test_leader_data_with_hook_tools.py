"""Secrets as a hook keeps them: a small charm, ops itself, and the tools of the tests' Juju."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpers.juju.unit import Unit

LIB = Path(__file__).resolve().parents[3] / "charms/shared/lib"
_CHARM = """\
import ops
from labcharm.compat import KeepError, LeaderData, SecretData

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
            secret.forget()
        else:
            self._keep(secret)

    def _keep(self, secret):
        try:
            before = secret.read().get("password", "none")
            secret.write({"password": before + "+"})
            self.unit.status = ops.ActiveStatus(before)
        except KeepError as error:
            self.unit.status = ops.WaitingStatus(str(error))

ops.main(Lab)
"""
_PEERS = {"name": "installers", "remote": "lab", "units": {}}


@pytest.fixture
def lab(tmp_path: Path) -> Unit:
    """Return a unit of the small charm, which does not know its peers yet."""
    path = f"{LIB}:{':'.join(one for one in sys.path if 'site-packages' in one)}"
    files = {
        "metadata.yaml": "name: lab\npeers: {installers: {interface: lab}}\n",
        "config.yaml": "options: {}\n",
        "dispatch": f"#!/bin/sh\nPYTHONPATH={path} exec {sys.executable} src/charm.py\n",
        "src/charm.py": _CHARM,
    }
    with zipfile.ZipFile(tmp_path / "lab.charm", "w") as packed:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            packed.writestr(entry, text)
    unit = Unit(str(tmp_path / "unit"), "lab/0", "3.6")
    unit.unpack(str(tmp_path / "lab.charm"))
    return unit


def hook(unit: Unit, name: str = "config-changed") -> str:
    """Run a hook that goes well; return the status."""
    code, output = unit.run(name)
    assert code == 0, output
    return str(unit.status())


def kept(unit: Unit) -> Any:
    """Return the passwords of all secrets."""
    return [one["password"] for one in unit.get("secrets", {}).values()]


def test_one_secret_from_hook_to_hook(lab: Unit) -> None:
    """None before its id can be kept; then the same one, until it is forgotten."""
    assert hook(lab) == "waiting: the peer relation installers is not there yet"
    assert kept(lab) == []
    lab.put("relations", {"installers:9": _PEERS})
    assert [hook(lab) for _ in range(2)] == ["active: none", "active: none+"]
    assert kept(lab) == ["none++"]
    hook(lab, "stop")
    assert kept(lab) == []
    assert hook(lab) == "active: none"


def test_one_whose_id_was_not_kept_is_found(lab: Unit) -> None:
    """By its label, which Juju would refuse a second time."""
    lab.put("secrets", {"left": {"password": "old"}})
    lab.put("secret-labels", {"credentials": "left"})
    lab.put("relations", {"installers:9": _PEERS})
    code, output = lab.run("start")
    assert code != 0
    assert 'secret with label "credentials" already exists' in output + lab.log()

    assert hook(lab) == "active: none"
    assert hook(lab) == "active: none+"
    assert kept(lab) == ["none++"]
