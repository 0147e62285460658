"""Manifests are built by a background job; kustomize is a stand-in."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.damage import refusals
from helpers.kubeflow import generated
from helpers.processes import is_gone, until
from kubeflow_installer.jobs import launcher
from kubeflow_installer.methods import manifests
from kubeflow_installer.methods.objects import produce, remove_jobs
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.options import read_options
from kubeflow_installer.releases.table import find
from kubeflow_installer.transform.transform import SiteSettings
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings
from labkube.client.access import Access

SMALL = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "katib-config"}},
]
NAMES = ["katib-config", "kubeflow"]
PROXIES = ProxySettings("", "http://proxy.lab:3128")
# It writes its number and its proxy, waits for the file `go`, and fails where there is a `fail`.
KUSTOMIZE = """\
#!{python}
import os, sys, time
from pathlib import Path
home = Path({home!r})
with open(home / "runs", "a") as runs:
    runs.write("%d %s\\n" % (os.getpid(), os.environ.get("https_proxy")))
while not (home / "go").exists():
    time.sleep(0.02)
if (home / "fail").exists():
    sys.exit("Error: it is broken")
paths = Path(sys.argv[2]).parent.glob("**/resources.yaml")
Path(sys.argv[4]).write_text("---\\n".join(path.read_text() for path in paths))
"""


class Unit:
    """A unit whose kustomize ends once the file `go` exists."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.machine = Machine(str(directory / "root"), proxies=PROXIES)
        program = directory / "kustomize"
        program.write_text(KUSTOMIZE.format(python=sys.executable, home=str(directory)))
        program.chmod(0o755)
        self.kustomize = str(program)
        self.attach(SMALL)

    def attach(self, objects: list[Any]) -> None:
        """Attach an archive of manifests."""
        self.archive = str(generated.as_archive(self.directory / "manifests.tar.gz", objects))

    def request(self) -> InstallRequest:
        """Return the request of a hook."""
        options = read_options({"user": "admin@lab.example"})
        settings = SiteSettings("", "", (), "admin@lab.example", "", "", "")
        files = {"manifests": self.archive, "kustomize": self.kustomize}
        credentials: Any = None
        return InstallRequest(
            find("1.10.2"), files, "", "digest", options, credentials, "", settings,
            Access("", "", ""), "kubeflow.0",
        )  # fmt: skip

    def hook(self) -> list[Any]:
        """Do what a hook does: return the objects, or raise what it waits for."""
        return produce(self.machine, "/home", self.request())

    def is_built(self) -> bool:
        """Return whether a hook gets the objects."""
        try:
            return bool(self.hook())
        except WaitingError:
            return False

    def waiting(self) -> str:
        """Return what a hook waits for."""
        with pytest.raises(WaitingError) as error:
            self.hook()
        return str(error.value)

    def go(self) -> None:
        """Let kustomize end."""
        (self.directory / "go").touch()

    @property
    def runs(self) -> list[list[str]]:
        """The process and the proxy of each run of kustomize."""
        path = self.directory / "runs"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def building(self) -> list[Path]:
        """Return the directories of the builds."""
        return list((self.directory / "root/home").glob("building-*"))


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unit]:
    """Return a unit whose hooks wait for 0.2 seconds; its jobs are stopped after a test."""
    # A program is taken out of its archive; here it is a script.
    monkeypatch.setattr(
        "kubeflow_installer.methods.manifests.extract_program", lambda archive, *_: archive
    )
    monkeypatch.setattr(manifests, "PATIENCE", 0.2)
    built_unit = Unit(tmp_path)
    yield built_unit
    remove_jobs(built_unit.machine, "/home")


def names(objects: list[Any]) -> list[str]:
    """Return the objects' names, sorted."""
    return sorted(manifest["metadata"]["name"] for manifest in objects)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_damaged_archive_blocks_with_its_name(unit: Unit, place: float) -> None:
    """The resource of a hook; the job that unpacks it ends without a traceback."""
    unit.attach(generated.objects("1.10.2")[:60])
    path = Path(unit.archive)
    content = bytearray(path.read_bytes())
    for offset in range(40):  # inside of the compressed data
        content[int(len(content) * place) + offset] ^= 0xFF
    path.write_bytes(content)
    unit.go()

    messages: list[str] = []

    def has_ended() -> bool:
        messages.extend(refusals(lambda _: unit.is_built(), [None], BlockedError))
        return bool(messages)

    until(has_ended)
    text = messages[0]
    assert text.startswith("manifests.tar.gz cannot be unpacked (")
    assert text.endswith("; provide the release's .tar.gz or .zip, unchanged")


def test_hook_does_not_wait_for_the_end_of_a_build(unit: Unit) -> None:
    """Later hooks see the same build, and then its objects; nothing is built twice."""
    start = time.monotonic()
    assert unit.waiting().startswith("Kubeflow 1.10.2: building the manifests for ")
    assert time.monotonic() - start < 5
    until(lambda: len(unit.runs) == 1)
    assert not unit.is_built()
    unit.go()
    until(unit.is_built)

    assert names(unit.hook()) == NAMES
    assert len(unit.runs) == 1
    assert unit.runs[0][1] == "http://proxy.lab:3128"
    assert unit.building() == []


def test_short_build_ends_within_the_hook(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most machines build in seconds."""
    monkeypatch.setattr(manifests, "PATIENCE", 20.0)
    unit.go()

    assert names(unit.hook()) == NAMES


def test_failed_build_reports_kustomizes_error(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a hook did not wait for the failure, the next hook reports it."""
    (unit.directory / "fail").touch()
    unit.waiting()
    unit.go()
    until(lambda: not launcher.read_state(str(unit.building()[0])).is_running)
    (unit.directory / "go").unlink()
    assert unit.waiting().endswith(
        "; the previous build failed: kustomize cannot build the manifests: Error: it is broken"
    )
    monkeypatch.setattr(manifests, "PATIENCE", 20.0)
    unit.go()
    with pytest.raises(BlockedError, match=r"^kustomize cannot build the manifests: Error: it is"):
        unit.hook()


def test_build_of_other_manifests_replaces_the_running_one(unit: Unit) -> None:
    """The first build ends, and its kustomize with it."""
    unit.waiting()
    until(lambda: len(unit.runs) == 1)
    unit.attach([*SMALL, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "auth"}}])
    unit.waiting()
    until(lambda: is_gone(int(unit.runs[0][0])))
    unit.go()
    until(unit.is_built)

    assert names(unit.hook()) == ["auth", *NAMES]


def test_stopped_build_leaves_nothing(unit: Unit) -> None:
    """No process and no directory."""
    unit.waiting()
    until(lambda: len(unit.runs) == 1)
    remove_jobs(unit.machine, "/home")

    until(lambda: is_gone(int(unit.runs[0][0])))
    assert unit.building() == []
    assert list((unit.directory / "root/home/built").glob("build-*")) == []


def test_build_that_was_cut_off_is_started_again(unit: Unit) -> None:
    """By a reboot, or because somebody killed it."""
    unit.waiting()
    until(lambda: len(unit.runs) == 1)
    process = Path(f"/proc/{unit.runs[0][0]}/stat").read_text().rpartition(")")[2].split()[1]
    os.kill(int(process), signal.SIGKILL)
    until(lambda: not launcher.read_state(str(unit.building()[0])).is_running)
    assert unit.waiting().endswith("; the previous build failed: the job was interrupted at build")
    unit.go()
    until(unit.is_built)

    assert names(unit.hook()) == NAMES
    assert len(unit.runs) == 2
