"""Hooks that are killed: the next one completes what was begun, wherever that was."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.dying_machine import DyingMachine, Killed
from helpers.fake_apt import FakeApt
from helpers.public_key import ARMOURED
from helpers.scripted_driver import GPU, LIST, ScriptedDriver
from helpers.scripted_engine import ScriptedEngine
from labcharm.errors import CharmError
from nvidia_runtime.gpu_host import GpuHost
from nvidia_runtime.options import read_options

OPTIONS = read_options(
    {
        "hold-driver": True,
        "toolkit": "custom",
        "toolkit-source": "deb https://m.example/deb /",
        "toolkit-key": ARMOURED,
    }
)
ACTIVE = "1 GPU, driver 580.126.20, nvidia is the default runtime of docker"
MODULES = "linux-modules-nvidia-580-server-open-generic"
FABRIC_MANAGER = "nvidia-fabricmanager-580"
DEVICES = {
    GPU: ("0x10de", "0x030200", "0x2330"),
    "0000:86:00.0": ("0x10de", "0x068000", "0x22a3"),
}
Snapshot = tuple[dict[str, str], dict[str, str], set[str]]


class Lab:
    """An HGX machine without a driver, a toolkit and a fabric manager.

    Args:
        root: The directory that is the machine's root.
        source: The directory `src` of the charm.
        has_docker: Whether it runs docker.
    """

    def __init__(self, root: Path, source: str, has_docker: bool = True) -> None:
        self.machine = DyingMachine(root)
        self.machine.expect()
        self.packages = FakeApt(self.machine)
        for address, (vendor, kind, device) in DEVICES.items():
            for name, text in (("vendor", vendor), ("class", kind), ("device", device)):
                self.machine.write(f"/sys/bus/pci/devices/{address}/{name}", f"{text}\n")
        if has_docker:
            ScriptedEngine(self.machine, "docker", "/etc/docker/daemon.json")
        self.packages.installed["ubuntu-drivers-common"] = "1"
        self._install = self.machine.answers["apt-get install"]
        state = "systemctl show --property ActiveState nvidia-fabricmanager.service"
        self.machine.answers.update(
            {
                "ubuntu-drivers list": "nvidia-driver-580-server-open, (kernel modules provided by"
                f" {MODULES})\n",
                "modprobe nvidia": self._modprobe,
                "apt-get install": self._install_packages,
                "apt-cache madison": f"{FABRIC_MANAGER} | 580.126.20-1 | https://x  y\n",
                "nv-fabricmanager --version": self._version,
                state: "ActiveState=active\n",
            }
        )
        self.host = GpuHost(self.machine, source, "/sys", {}, lambda: "")

    def set_up(self) -> str:
        """Run a hook; return the unit's status."""
        try:
            return self.host.set_up(self.host.gpus(), OPTIONS, True)
        except CharmError as error:
            return str(error)

    def snapshot(self) -> Snapshot:
        """Return the files, the packages and the holds of the machine."""
        root = Path(self.machine.root)
        files = {
            str(path.relative_to(root)): path.read_text(encoding="latin-1")
            for path in root.rglob("*")
            if path.is_file()
        }
        return files, dict(self.packages.installed), set(self.packages.held)

    def _modprobe(self, _: list[str]) -> str:
        if MODULES in self.packages.installed:
            is_answering = "nvidia-utils-580-server" in self.packages.installed
            addresses = (GPU,) if is_answering else ()
            ScriptedDriver(self.machine, "580.126.20", addresses, is_open=True)
        return ""

    def _install_packages(self, words: list[str]) -> str:
        """Install packages, one by one: the process may die after the first one."""
        assert callable(self._install)
        names = [word for word in words if not word.startswith("-") and "::" not in word]
        first = names[names.index("install") + 1]
        self._install([*words[: words.index("install") + 1], first])
        self.machine.run(["unpack", first])
        self._install(words)
        if "nvidia-utils-580-server" in self.packages.installed:
            self.machine.answers[LIST] = f"0000{GPU.upper()}\n"
        return ""

    def _version(self, _: list[str]) -> str:
        version = self.packages.installed.get(FABRIC_MANAGER, "").partition("-")[0]
        return f"Fabric Manager version is : {version}\n" if version else ""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait neither for docker's reload nor for the disk."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def expected(tmp_path: Path, source: str) -> tuple[Snapshot, int]:
    """Return the machine after a hook that is not killed, and the number of its effects."""
    lab = Lab(tmp_path / "expected", source)
    lab.machine.expect()
    assert lab.set_up() == ACTIVE
    count = len(lab.machine.effects)
    assert lab.set_up() == ACTIVE
    assert count == len(lab.machine.effects), lab.machine.effects[count:]
    return lab.snapshot(), count


def test_next_hook_completes_the_installation(
    tmp_path: Path, source: str, expected: tuple[Snapshot, int]
) -> None:
    """The machine ends as if no hook had been killed, before any of its effects."""
    snapshot, count = expected
    assert count > 15
    for number in range(1, count + 1):
        lab = Lab(tmp_path / f"{number}", source)
        lab.machine.expect(number)
        with pytest.raises(Killed) as killed:
            lab.set_up()
        lab.machine.expect()

        assert lab.set_up() == ACTIVE, str(killed.value)
        assert lab.snapshot() == snapshot, str(killed.value)


def test_next_hook_completes_the_removal(tmp_path: Path, source: str) -> None:
    """`remove` runs after a `stop` that was killed; only the installed packages stay.

    The engine's part is tested with the engine.
    """
    number = 0
    while True:
        number += 1
        lab = Lab(tmp_path / f"{number}", source, has_docker=False)
        before = lab.snapshot()[0]
        lab.set_up()
        lab.machine.expect(number)
        try:
            lab.host.restore(True)
        except Killed as error:
            lab.machine.expect()
            lab.host.restore(True)
            killed = str(error)
        else:
            break
        files, _, held = lab.snapshot()
        stays = {path for path in files if path.startswith(("proc/", "usr/"))}
        assert {path: files[path] for path in files if path not in stays} == before, killed
        assert held == set(), killed
    assert number > 5
