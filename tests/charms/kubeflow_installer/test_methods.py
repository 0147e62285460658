"""Manifests are built beside the hooks, by a process of their own; kustomize is a stand-in."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kubeflow import generated
from helpers.processes import is_gone, until
from kubeflow_installer import methods
from kubeflow_installer.jobs import launcher
from kubeflow_installer.methods import MethodError, Request
from kubeflow_installer.options import read_options
from kubeflow_installer.releases.table import find
from kubeflow_installer.transform.transform import Fitting
from labcharm.machine import Machine
from labkube.client.access import Access

SMALL = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "katib-config"}},
]
NAMES = ["katib-config", "kubeflow"]
# It writes its number and its proxy, waits for the file `go`, and fails where there is a `fail`.
KUSTOMIZE = """\
#!{python}
import os, sys, time
from pathlib import Path
here = Path({here!r})
with open(here / "runs", "a") as runs:
    runs.write("%d %s\\n" % (os.getpid(), os.environ.get("https_proxy")))
while not (here / "go").exists():
    time.sleep(0.02)
if (here / "fail").exists():
    sys.exit("Error: it is broken")
found = Path(sys.argv[2]).parent.glob("**/resources.yaml")
Path(sys.argv[4]).write_text("---\\n".join(path.read_text() for path in found))
"""


class Unit:
    """A unit with manifests that are built when `go` is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine = Machine(str(folder / "root"), {"https_proxy": "http://proxy.lab:3128"})
        program = folder / "kustomize"
        program.write_text(KUSTOMIZE.format(python=sys.executable, here=str(folder)))
        program.chmod(0o755)
        self.kustomize = str(program)
        self.attach(SMALL)

    def attach(self, objects: list[Any]) -> None:
        """Attach an archive of manifests."""
        self.archive = str(generated.as_archive(self.folder / "manifests.tar.gz", objects))

    def request(self) -> Request:
        """Return what is asked for."""
        options = read_options({"user": "admin@lab.example"})
        fitting = Fitting("", "", (), "admin@lab.example", "", "")
        files = {"manifests": self.archive, "kustomize": self.kustomize}
        credentials: Any = None
        return Request(
            find("1.10.2"), files, "", "digest", options, credentials, "", fitting,
            Access("", "", ""), "kubeflow.0",
        )  # fmt: skip

    def hook(self) -> methods.Built:
        """Do what a hook does."""
        return methods.build(self.machine, "/home", self.request())

    def go(self) -> None:
        """Let kustomize end."""
        (self.folder / "go").touch()

    @property
    def runs(self) -> list[list[str]]:
        """Return process and proxy of each run of kustomize."""
        path = self.folder / "runs"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def building(self) -> list[Path]:
        """Return the folders of what is being built."""
        return list((self.folder / "root/home").glob("building-*"))


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unit]:
    """Return a unit whose hooks wait for a fifth of a second; nothing runs on after a test."""
    # A program is taken out of its archive; here it is a script.
    monkeypatch.setattr("kubeflow_installer.sources.archive.program", lambda archive, *_: archive)
    monkeypatch.setattr(methods, "PATIENCE", 0.2)
    found = Unit(tmp_path)
    yield found
    methods.stop(found.machine, "/home")


def names(built: methods.Built) -> list[str]:
    """Return the objects' names, sorted."""
    assert built.objects is not None, built.waiting
    return sorted(one["metadata"]["name"] for one in built.objects)


def test_a_hook_does_not_wait_for_the_end(unit: Unit) -> None:
    """It says so, later ones find the same run, and what it made; nothing is built twice."""
    begun = time.monotonic()
    first = unit.hook()
    assert time.monotonic() - begun < 5
    assert first.objects is None
    assert first.waiting.startswith("the manifests are being built, for ")
    until(lambda: len(unit.runs) == 1)
    assert unit.hook().objects is None
    unit.go()
    until(lambda: unit.hook().objects is not None)

    assert names(unit.hook()) == NAMES
    assert len(unit.runs) == 1
    assert unit.runs[0][1] == "http://proxy.lab:3128"
    assert unit.building() == []


def test_what_takes_a_moment_is_there_in_the_same_hook(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most machines build in seconds."""
    monkeypatch.setattr(methods, "PATIENCE", 20.0)
    unit.go()

    assert names(unit.hook()) == NAMES


def test_manifests_that_cannot_be_built(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are kustomize's; where a hook did not wait so long, the next one tells them."""
    (unit.folder / "fail").touch()
    unit.hook()
    unit.go()
    until(lambda: not launcher.state(str(unit.building()[0])).running)
    (unit.folder / "go").unlink()
    assert unit.hook().waiting.endswith(
        "; before, kustomize cannot build the manifests: Error: it is broken"
    )
    monkeypatch.setattr(methods, "PATIENCE", 20.0)
    unit.go()
    with pytest.raises(MethodError, match=r"^kustomize cannot build the manifests: Error: it is"):
        unit.hook()


def test_other_manifests_are_built_in_the_place_of_these(unit: Unit) -> None:
    """The first run ends, kustomize with it."""
    unit.hook()
    until(lambda: len(unit.runs) == 1)
    unit.attach([*SMALL, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "auth"}}])
    unit.hook()
    until(lambda: is_gone(int(unit.runs[0][0])))
    unit.go()
    until(lambda: unit.hook().objects is not None)

    assert names(unit.hook()) == ["auth", *NAMES]


def test_it_is_stopped(unit: Unit) -> None:
    """Nothing runs on, and nothing is left of it."""
    unit.hook()
    until(lambda: len(unit.runs) == 1)
    methods.stop(unit.machine, "/home")

    until(lambda: is_gone(int(unit.runs[0][0])))
    assert not launcher.state(str(unit.building()[0])).running
    assert list((unit.folder / "root/home/built").glob("build-*")) == []


def test_a_run_that_was_cut_off_is_begun_again(unit: Unit) -> None:
    """By a reboot, or by whoever kills it."""
    unit.hook()
    until(lambda: len(unit.runs) == 1)
    process = Path(f"/proc/{unit.runs[0][0]}/stat").read_text().rpartition(")")[2].split()[1]
    os.kill(int(process), signal.SIGKILL)
    until(lambda: not launcher.state(str(unit.building()[0])).running)
    assert unit.hook().waiting.endswith("; before, it was cut off at build")
    unit.go()
    until(lambda: unit.hook().objects is not None)

    assert names(unit.hook()) == NAMES
    assert len(unit.runs) == 2
