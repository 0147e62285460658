"""The container toolkit, with a scripted apt."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from helpers.fake_apt import RUNTIME, FakeApt
from helpers.fake_machine import FakeMachine
from helpers.public_key import ARMOURED, PACKET
from labcharm.errors import BlockedError
from nvidia_runtime.host.keys import keyring
from nvidia_runtime.host.packages import SOURCE, Apt
from nvidia_runtime.host.toolkit import Toolkit, ToolkitInstaller
from nvidia_runtime.options import read_options


def reconcile(
    machine: FakeMachine,
    resource: str = "",
    fetch_key: Callable[[str, Mapping[str, str]], bytes] = keyring,
    **config: str,
) -> Toolkit:
    """Reconcile the toolkit with these options and this attached archive."""
    options = read_options({key.replace("_", "-"): text for key, text in config.items()})
    apt = Apt(machine)
    return ToolkitInstaller(machine, apt, options, lambda: resource, {}, fetch_key).reconcile()


def test_runtime_that_is_present_is_used(machine: FakeMachine) -> None:
    """No command is run."""
    machine.write(RUNTIME, "")

    assert reconcile(machine).path == RUNTIME
    assert machine.commands == []


def test_custom_source_is_signed_by_its_key(machine: FakeMachine, packages: FakeApt) -> None:
    """The packages have the pinned versions, and a second run does nothing."""
    config = {
        "toolkit": "custom",
        "toolkit_source": "deb https://m.example/deb /",
        "toolkit_key": ARMOURED,
        "pins": "nvidia-container-toolkit=1.13.5-1",
    }
    assert reconcile(machine, **config).path
    count = len(machine.ran("apt-get"))
    reconcile(machine, **config)

    assert len(machine.ran("apt-get")) == count
    assert packages.installed["nvidia-container-toolkit"] == "1.13.5-1"
    source = machine.read(SOURCE) or ""
    line = "deb [signed-by=/usr/share/keyrings/nvidia-runtime.gpg] https://m.example/deb /"
    assert line in source


def test_preset_of_2019_is_pinned_and_signed(machine: FakeMachine, packages: FakeApt) -> None:
    """It installs the versions that fit together on 18.04; two named keys sign its sources."""
    expectations: list[str] = []

    def fetch_key(key: str, _: object) -> bytes:
        expectations.append(key.partition("#")[2])
        return PACKET

    reconcile(machine, fetch_key=fetch_key, toolkit="bionic-2019")

    assert packages.installed["docker-ce"] == "5:18.09.1~3-0~ubuntu-bionic"
    assert len(expectations) == 2
    assert all(text.startswith("fingerprint=") for text in expectations)
    lines = (machine.read(SOURCE) or "").splitlines()[1:]
    assert len(lines) == 4
    assert all(line.startswith("deb [signed-by=") for line in lines)


@pytest.mark.usefixtures("packages")
def test_attached_archive_is_installed_without_a_download(
    machine: FakeMachine, tmp_path: Path
) -> None:
    """Only its .deb files are written, and no name in it leads out of their directory."""
    archive = tmp_path / "toolkit.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("debs/a.deb", "../../etc/b.deb", "README"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            tar.addfile(entry, io.BytesIO(b"x"))
    reconcile(machine, str(archive), toolkit="resource")

    (command,) = machine.ran("DEBIAN_FRONTEND=noninteractive apt-get install") or machine.ran(
        "apt-get install"
    )
    directory = f"{tmp_path}/var/lib/nvidia-runtime/debs"
    assert command.endswith(f"{directory}/a.deb {directory}/b.deb")
    assert "--no-download" in command
    assert not (tmp_path.parent / "etc/b.deb").exists()
    assert not (tmp_path / "var/lib/nvidia-runtime/debs").exists()
    # The state of the machine counts: the program is still missing.
    reconcile(machine, str(archive), toolkit="resource")
    assert len(machine.ran("apt-get install")) == 2


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_resource_that_is_not_an_archive_blocks(
    machine: FakeMachine, tmp_path: Path, content: bytes
) -> None:
    """The message names the resource."""
    archive = tmp_path / "toolkit.tar.gz"
    archive.write_bytes(content)
    error = reconcile(machine, str(archive), toolkit="resource").error

    assert isinstance(error, BlockedError)
    assert str(error).startswith("toolkit.tar.gz cannot be unpacked (")
    assert str(error).endswith("; attach a .tar.gz with .deb files as the resource toolkit")
