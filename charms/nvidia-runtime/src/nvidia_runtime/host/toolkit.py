"""The container toolkit: where it comes from, and that it is installed."""

import hashlib
import os
import tarfile
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from labcharm.machine import CommandError, Machine
from nvidia_runtime.host.keys import KeyFaultError, keyring
from nvidia_runtime.host.packages import KEYRING, Apt, Package
from nvidia_runtime.options import Options
from reconciler.settings import HOME, PROGRAM, find_program

DEBS = HOME + "/debs"
Preset = NamedTuple(
    "Preset",
    [("sources", Tuple[str, ...]), ("keys", Tuple[str, ...]), ("packages", Tuple[Package, ...])],
)
_NVIDIA = "https://nvidia.github.io"
_DOCKER = "https://download.docker.com/linux/ubuntu"
# The fingerprints are those that the vendors' documentation and issue trackers show (for NVIDIA's
# see NVIDIA/nvidia-container-toolkit issue 1460).
_NVIDIA_KEY = (
    _NVIDIA + "/libnvidia-container/gpgkey#fingerprint=C95B321B61E88C1809C4F759DDCAE044F796ECB0"
)
_DOCKER_KEY = _DOCKER + "/gpg#fingerprint=9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
PRESETS: Dict[str, Preset] = {
    "nvidia": Preset(
        (_NVIDIA + "/libnvidia-container/stable/deb/{arch} /",),
        (_NVIDIA_KEY,),
        (
            ("nvidia-container-toolkit", ""),
            ("nvidia-container-toolkit-base", ""),
            ("libnvidia-container-tools", ""),
            ("libnvidia-container1", ""),
        ),
    ),
    # What belongs together on 18.04: charm layer-docker pinned this set in February 2019.
    "bionic-2019": Preset(
        (
            _NVIDIA + "/libnvidia-container/stable/ubuntu18.04/{arch} /",
            _NVIDIA + "/nvidia-container-runtime/stable/ubuntu18.04/{arch} /",
            _NVIDIA + "/nvidia-docker/ubuntu18.04/{arch} /",
            _DOCKER + " bionic stable",
        ),
        (_NVIDIA_KEY, _DOCKER_KEY),
        (
            ("docker-ce", "5:18.09.1~3-0~ubuntu-bionic"),
            ("nvidia-docker2", "2.0.3+docker18.09.1-1"),
            ("nvidia-container-runtime", "2.0.0+docker18.09.1-1"),
        ),
    ),
}

Toolkit = NamedTuple("Toolkit", [("path", str), ("blocked", str), ("waiting", str)])


def ensure(
    machine: Machine,
    apt: Apt,
    options: Options,
    resource: Callable[[], str],
    proxies: Mapping[str, str],
) -> Toolkit:
    """Make the runtime be there.

    Args:
        machine: Where.
        apt: Its packages.
        options: The charm's options.
        resource: Returns the path of the attached archive; empty without one. Asked only where
            the answer matters.
        proxies: For fetching the key.

    Returns:
        The runtime's path, and what is in the way of it.
    """
    wanted = options.path or PROGRAM
    found = find_program(machine, wanted)
    archive = "" if options.toolkit not in ("auto", "resource") or found else resource()
    way = _way(options, bool(found), bool(archive))
    try:
        if way == "resource":
            _install_archive(machine, apt, archive or resource())
        elif way != "host":
            _install_packages(machine, apt, options, way, proxies)
    except (CommandError, KeyFaultError) as error:
        return Toolkit(found, "", "toolkit: %s" % error)
    except ArchiveError as error:
        return Toolkit(found, "resource toolkit: %s" % error, "")
    found = find_program(machine, wanted)
    missing = "%s is not on this machine; set runtime-path, or let toolkit install it" % wanted
    return Toolkit(found, "" if found else missing, "")


def _way(options: Options, found: bool, attached: bool) -> str:
    if options.toolkit != "auto":
        return "host" if options.toolkit == "resource" and found else options.toolkit
    if found:
        return "host"
    if attached:
        return "resource"
    return "custom" if options.source else "nvidia"


def _install_packages(
    machine: Machine, apt: Apt, options: Options, way: str, proxies: Mapping[str, str]
) -> None:
    preset = PRESETS.get(way)
    pins = dict(options.pins)
    packages = options.packages or (preset.packages if preset else PRESETS["nvidia"].packages)
    wanted = apt.missing([(name, pins.get(name, version)) for name, version in packages])
    if not wanted:
        return
    sources, keys = _sources(machine, options, way, preset)
    if sources:
        ring = b"".join(keyring(key, proxies) for key in keys)
        apt.add_source("\n".join(sources), ring)
    apt.update()
    apt.install(wanted)


def _sources(
    machine: Machine, options: Options, way: str, preset: Optional[Preset]
) -> Tuple[List[str], Tuple[str, ...]]:
    """Return apt's lines and the keys that sign them; none for what the machine has anyway."""
    if way == "distribution":
        return [], ()
    if preset is not None and not options.source:
        arch = machine.check(["dpkg", "--print-architecture"]).strip()
        signed = "deb [signed-by=%s] " % KEYRING
        return [signed + source.format(arch=arch) for source in preset.sources], preset.keys
    line = options.source
    if options.key and "[" not in line:
        line = line.replace("deb ", "deb [signed-by=%s] " % KEYRING, 1)
    return [line], (options.key,) if options.key else ()


class ArchiveError(Exception):
    """An attached archive that cannot be used."""


def _install_archive(machine: Machine, apt: Apt, archive: str) -> None:
    if not archive:
        raise ArchiveError("toolkit=resource, but nothing is attached; juju attach-resource")
    with open(archive, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if apt.record()["resource"] == digest:
        return
    debs = _unpack(archive, machine.path(DEBS))
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes"]
    command += ["--no-download", "-o", "Dpkg::Options::=--force-confold"]
    command += ["-o", "Dpkg::Options::=--force-confdef", *debs]
    machine.check(command, timeout=3600)
    apt.note_resource(digest)


def _unpack(archive: str, folder: str) -> List[str]:
    """Write the archive's .deb files flat into a folder: no name of it leads anywhere else."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    try:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                name = os.path.basename(member.name)
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None and name.endswith(".deb"):
                    paths.append(os.path.join(folder, name))
                    with open(paths[-1], "wb") as file:
                        file.write(content.read())
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError("it cannot be read: %s" % error) from None
    if not paths:
        raise ArchiveError("it holds no .deb files")
    return sorted(paths)
