"""Driver, toolkit, keys: packages by a scripted apt."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.machine import Result
from nvidia_runtime.host import driver, toolkit
from nvidia_runtime.host.keys import KeyFaultError, dearmour, fingerprint, keyring
from nvidia_runtime.host.packages import SOURCE, Apt
from nvidia_runtime.options import read_options

# A version 4 public-key packet, made by hand: tag 6, two-octet length, then its body.
BODY = b"\x04" + b"\x5a\x00\x00\x00" + b"\x01" + b"\x00\x08\xff" + b"\x00\x08\x03"
PACKET = b"\x99" + len(BODY).to_bytes(2, "big") + BODY
ARMOURED = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: X\n\n"
    + base64.b64encode(PACKET).decode()
    + "\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
)
OLD = {"nvidia-utils-450-server": "450.1"}


class Packages:
    """dpkg and apt in small: what is installed, and what install makes of it."""

    def __init__(self, machine: FakeMachine, installed: dict[str, str] | None = None) -> None:
        self.installed = dict(installed or {})
        self.machine = machine
        machine.answers.update(
            {
                "dpkg-query": self._query,
                "DEBIAN_FRONTEND=noninteractive apt-get install": self._install,
                "apt-get install": self._install,
                "dpkg --print-architecture": "amd64\n",
                "uname -r": "5.15.0-91-generic\n",
            }
        )

    def _query(self, words: list[str]) -> str:
        names = words[4:]
        hit = [n for n in self.installed if n in names or any(
            w.endswith("*") and n.startswith(w[:-1]) for w in names)]  # fmt: skip
        return "".join(f"{name} installed {self.installed[name]}\n" for name in hit)

    def _install(self, words: list[str]) -> str:
        for word in words[words.index("install") :]:
            name, _, version = word.partition("=")
            if not word.startswith("-") and "::" not in word and "/" not in word:
                self.installed[name] = version or "1"
        if "nvidia-container-toolkit" in self.installed:
            self.machine.write("/usr/bin/nvidia-container-runtime", "")
        return ""


def test_auto_installs_what_ubuntu_recommends_for_servers(machine: FakeMachine) -> None:
    """The newest server branch, its signed modules where there are any, and nvidia-smi's."""
    packages = Packages(machine)
    machine.answers["ubuntu-drivers list"] = (
        "nvidia-driver-470\nnvidia-driver-450-server, (kernel modules provided by x)\n"
        "nvidia-driver-535-server\nnvidia-driver-535-server-open\nnvidia-driver-550\n"
    )
    found = driver.ensure(machine, Apt(machine), "auto", True, ())

    assert {
        "linux-modules-nvidia-535-server-generic", "nvidia-headless-535-server",
        "nvidia-utils-535-server",
    } <= set(packages.installed)  # fmt: skip
    assert machine.ran("apt-mark hold")
    assert "neither module nor library" in found.waiting


@pytest.mark.parametrize("policy", ["host", "none", "auto"])
def test_a_driver_that_is_there_is_not_touched(machine: FakeMachine, policy: str) -> None:
    """Loaded and library agree: no apt, no word."""
    Packages(machine)
    machine.write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  450.51.06  Sun Jul\n",
    )
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.450.51.06", "")
    found = driver.ensure(machine, Apt(machine), policy, False, ())

    assert (found.blocked, found.waiting, found.reboot) == ("", "", "")
    assert found.state.loaded == "450.51.06"
    assert not machine.ran("apt")


def test_a_mismatch_asks_for_a_reboot(machine: FakeMachine) -> None:
    """Library newer than module: containers would fail until the machine is rebooted."""
    machine.write(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.1.2  Release Build\n",
    )
    machine.write("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.2.1", "")

    found = driver.ensure(machine, Apt(machine), "host", False, ())

    assert found.reboot == "driver 535.1.2 is loaded, library 535.2.1 installed"


def test_policy_host_without_a_driver_is_blocked(machine: FakeMachine) -> None:
    """People must mend that."""
    assert "set driver=auto" in driver.ensure(machine, Apt(machine), "host", False, ()).blocked


def test_apts_failure_is_shown_and_tried_again(machine: FakeMachine) -> None:
    """Its own last words, and nothing of the command line."""
    Packages(machine)
    machine.answers["apt-get update"] = Result(100, "", "E: Could not resolve host\n")
    found = driver.ensure(machine, Apt(machine), "nvidia-driver-535", False, ())

    assert found.waiting == "driver: apt-get ended with 100: E: Could not resolve host"


def test_holds_of_others_are_theirs(machine: FakeMachine) -> None:
    """What somebody held before stays held when ours are given back; asked for once only."""
    Packages(machine, OLD)
    machine.answers["apt-mark showhold"] = "nvidia-a\n"
    apt = Apt(machine)
    apt.hold(["nvidia-a", "nvidia-b"])
    apt.hold(["nvidia-a", "nvidia-b"])
    apt.give_back()

    assert machine.ran("apt-mark hold") == ["apt-mark hold nvidia-b"]
    assert machine.ran("apt-mark unhold") == ["apt-mark unhold nvidia-b"]
    assert len(machine.ran("apt-mark showhold")) == 1


def ensure(machine: FakeMachine, resource: str = "", **config: object) -> toolkit.Toolkit:
    """Run the toolkit's policy."""
    options = read_options({key.replace("_", "-"): value for key, value in config.items()})
    return toolkit.ensure(machine, Apt(machine), options, lambda: resource, {})


def test_a_runtime_that_is_there_is_used(machine: FakeMachine) -> None:
    """No apt at all."""
    machine.write("/usr/bin/nvidia-container-runtime", "")

    assert ensure(machine).path == "/usr/bin/nvidia-container-runtime"
    assert machine.commands == []


def test_a_custom_source_gets_its_key(machine: FakeMachine) -> None:
    """Signed by that key alone, packages at their pins; a second run does nothing."""
    packages = Packages(machine)
    config = {
        "toolkit": "custom",
        "toolkit_source": "deb https://m.example/deb /",
        "toolkit_key": ARMOURED,
        "pins": "nvidia-container-toolkit=1.13.5-1",
    }
    assert ensure(machine, **config).path
    ran = len(machine.ran("apt-get"))
    ensure(machine, **config)

    assert len(machine.ran("apt-get")) == ran
    assert packages.installed["nvidia-container-toolkit"] == "1.13.5-1"
    source = machine.read(SOURCE) or ""
    line = "deb [signed-by=/usr/share/keyrings/nvidia-runtime.gpg] https://m.example/deb /"
    assert line in source


def test_the_set_of_2019_is_pinned_and_signed(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs together on 18.04, each source signed by the two keys that were named."""
    packages = Packages(machine)
    asked: list[str] = []

    def fetched(key: str, _: object) -> bytes:
        asked.append(key.partition("#")[2])
        return PACKET

    monkeypatch.setattr(toolkit, "keyring", fetched)
    ensure(machine, toolkit="bionic-2019")

    assert packages.installed["docker-ce"] == "5:18.09.1~3-0~ubuntu-bionic"
    assert len(asked) == 2
    assert all(promise.startswith("fingerprint=") for promise in asked)
    lines = (machine.read(SOURCE) or "").splitlines()[1:]
    assert len(lines) == 4
    assert all(line.startswith("deb [signed-by=") for line in lines)


def test_an_attached_archive_serves_a_machine_without_a_way_out(
    machine: FakeMachine, tmp_path: Path
) -> None:
    """Its .deb files are installed without a download; a name in it leads nowhere else."""
    Packages(machine)
    archive = tmp_path / "toolkit.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("debs/a.deb", "../../etc/b.deb", "README"):
            info = tarfile.TarInfo(name)
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
    ensure(machine, str(archive), toolkit="resource")

    (command,) = machine.ran("DEBIAN_FRONTEND=noninteractive apt-get install") or machine.ran(
        "apt-get install"
    )
    folder = f"{tmp_path}/var/lib/nvidia-runtime/debs"
    assert command.endswith(f"{folder}/a.deb {folder}/b.deb")
    assert "--no-download" in command
    assert not (tmp_path.parent / "etc/b.deb").exists()


@pytest.mark.parametrize("content", [b"", b"no tar at all"])
def test_an_archive_that_is_none_is_blocked(
    machine: FakeMachine, tmp_path: Path, content: bytes
) -> None:
    """The resource and the mend are named."""
    archive = tmp_path / "toolkit.tar.gz"
    archive.write_bytes(content)

    assert "resource toolkit: it " in ensure(machine, str(archive), toolkit="resource").blocked


def test_fingerprint_is_that_of_rfc_4880() -> None:
    """SHA-1 over 0x99, the length and the packet's body (section 12.2)."""
    wanted = (
        hashlib.sha1(  # noqa: S324 - what RFC 4880 says
            b"\x99" + len(BODY).to_bytes(2, "big") + BODY
        )
        .hexdigest()
        .upper()
    )

    assert fingerprint(dearmour(ARMOURED.encode())) == wanted


def test_a_key_from_elsewhere_must_be_the_one_that_was_named(tmp_path: Path) -> None:
    """Digest and fingerprint are held against what comes."""
    path = tmp_path / "key"
    path.write_text(ARMOURED, encoding="utf-8")
    url = path.as_uri()
    digest = hashlib.sha256(ARMOURED.encode()).hexdigest()

    assert keyring(f"{url}#sha256={digest}", {}) == PACKET
    assert keyring(f"{url}#fingerprint={fingerprint(PACKET)}", {}) == PACKET
    with pytest.raises(KeyFaultError, match="another SHA-256"):
        keyring(f"{url}#sha256={'0' * 64}", {})
    with pytest.raises(KeyFaultError, match="has fingerprint"):
        keyring(f"{url}#fingerprint={'0' * 40}", {})
    with pytest.raises(KeyFaultError, match="cannot be fetched"):
        keyring(f"{url}.none#sha256={digest}", {})


@pytest.mark.parametrize("data", [b"", b"hello", ARMOURED.replace("mQ", "!!").encode()])
def test_what_is_no_key_is_refused(data: bytes) -> None:
    """So that apt is not handed it."""
    with pytest.raises(KeyFaultError):
        dearmour(data)
