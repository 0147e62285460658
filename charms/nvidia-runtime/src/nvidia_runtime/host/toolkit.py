"""The container toolkit: where it comes from, and its installation."""

import os
import shutil
import tarfile
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from labcharm.archives import archive_errors, check_end
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings
from nvidia_runtime.host.keys import keyring
from nvidia_runtime.host.packages import KEYRING, Apt, Package
from nvidia_runtime.options import Options
from reconciler.settings import RUNTIME_PROGRAM, STATE_DIRECTORY, find_program

DEBS = STATE_DIRECTORY + "/debs"
_NVIDIA = "https://nvidia.github.io"
_DOCKER = "https://download.docker.com/linux/ubuntu"
# The fingerprints are those that the vendors' documentation and issue trackers show (for NVIDIA's
# see NVIDIA/nvidia-container-toolkit issue 1460).
_NVIDIA_KEY = (
    f"{_NVIDIA}/libnvidia-container/gpgkey#fingerprint=C95B321B61E88C1809C4F759DDCAE044F796ECB0"
)
_DOCKER_KEY = f"{_DOCKER}/gpg#fingerprint=9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
_FIX = "attach a .tar.gz with .deb files as the resource toolkit"
# dpkg must not ask about a configuration file that was changed, and keeps the existing one.
_INSTALL = [
    "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes",
    "--no-download", "-o", "Dpkg::Options::=--force-confold",
    "-o", "Dpkg::Options::=--force-confdef",
]  # fmt: skip


class Preset(NamedTuple):
    """A set of apt sources, the keys that sign them, and the packages to install.

    Attributes:
        sources: Apt source lines without "deb" and options; `{arch}` stands for the architecture.
        keys: The URL and the fingerprint of each key.
        packages: The packages.
    """

    sources: Tuple[str, ...]
    keys: Tuple[str, ...]
    packages: Tuple[Package, ...]


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
    # The versions that fit together on 18.04: charm layer-docker pinned them in February 2019.
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


class Toolkit(NamedTuple):
    """The toolkit after a reconciliation.

    Attributes:
        path: The path of the runtime's program; empty where it is missing.
        error: Why it is not as the options ask for.
    """

    path: str
    error: Optional[CharmError] = None


class ToolkitInstaller:
    """Installs the toolkit from the origin that the options choose.

    Args:
        machine: The machine.
        apt: Its packages.
        options: The charm's options.
        fetch_resource: Returns the path of the attached archive; empty without one. It is called
            only where the answer matters.
        proxies: The proxies for downloading keys.
        fetch_key: Returns the key that a text or URL names, as apt reads it.
    """

    def __init__(
        self,
        machine: Machine,
        apt: Apt,
        options: Options,
        fetch_resource: Callable[[], str],
        proxies: ProxySettings,
        fetch_key: Callable[[str, ProxySettings], bytes] = keyring,
    ) -> None:
        self._machine, self._apt, self._options = machine, apt, options
        self._fetch_resource, self._proxies, self._fetch_key = fetch_resource, proxies, fetch_key

    def reconcile(self) -> Toolkit:
        """Install the toolkit where it is missing, and return where its program is."""
        program = self._options.path or RUNTIME_PROGRAM
        path = find_program(self._machine, program)
        try:
            self._install(bool(path))
        except BlockedError as error:
            return Toolkit(path, error)
        except WaitingError as error:
            return Toolkit(path, WaitingError(f"toolkit: {error}"))
        path = find_program(self._machine, program)
        if path:
            return Toolkit(path)
        fix = "set runtime-path, or let toolkit install it"
        return Toolkit("", BlockedError(f"{program} is not on this machine; {fix}"))

    def _install(self, is_present: bool) -> None:
        needs_archive = self._options.toolkit in ("auto", "resource") and not is_present
        archive = self._fetch_resource() if needs_archive else ""
        origin = self._origin(is_present, bool(archive))
        if origin == "resource":
            self._install_archive(archive or self._fetch_resource())
        elif origin != "host":
            self._install_packages(origin)

    def _origin(self, is_present: bool, is_attached: bool) -> str:
        """Return where the toolkit comes from: one of the values of `toolkit` but auto."""
        toolkit = self._options.toolkit
        if toolkit != "auto":
            return "host" if toolkit == "resource" and is_present else toolkit
        if is_present:
            return "host"
        if is_attached:
            return "resource"
        return "custom" if self._options.source else "nvidia"

    def _install_packages(self, origin: str) -> None:
        preset = PRESETS.get(origin)
        pins = dict(self._options.pins)
        packages = self._options.packages or (preset or PRESETS["nvidia"]).packages
        missing = self._apt.missing(
            [(name, pins.get(name, version)) for name, version in packages]
        )
        if not missing:
            return
        lines, keys = self._sources(origin, preset)
        if lines:
            ring = b"".join(self._fetch_key(key, self._proxies) for key in keys)
            self._apt.add_source("\n".join(lines), ring)
        self._apt.update()
        self._apt.install(missing)

    def _sources(self, origin: str, preset: Optional[Preset]) -> Tuple[List[str], Tuple[str, ...]]:
        """Return apt's lines and the keys that sign them; none for the machine's own sources."""
        if origin == "distribution":
            return [], ()
        signed = f"deb [signed-by={KEYRING}] "
        line, key = self._options.source, self._options.key
        if preset is not None and not line:
            arch = self._machine.check(["dpkg", "--print-architecture"]).strip()
            return [signed + source.format(arch=arch) for source in preset.sources], preset.keys
        if key and "[" not in line:
            line = line.replace("deb ", signed, 1)
        return [line], (key,) if key else ()

    def _install_archive(self, archive: str) -> None:
        if not archive:
            raise BlockedError(
                "resource toolkit: nothing is attached;"
                " run juju attach-resource APPLICATION toolkit=FILE"
            )
        remove_debs(self._machine)
        try:
            packages = _extract_debs(archive, self._machine.path(DEBS))
            self._machine.check(_INSTALL + packages, timeout=3600)
        finally:
            remove_debs(self._machine)


def remove_debs(machine: Machine) -> None:
    """Remove the archive's .deb files from the machine; they are needed only while apt runs."""
    shutil.rmtree(machine.path(DEBS), ignore_errors=True)


def _extract_debs(archive: str, directory: str) -> List[str]:
    """Write the archive's .deb files into a directory, and return their paths.

    The directories in the archive are ignored, so no name in it leads anywhere else. Only the
    content of regular files is read; modes and links are ignored too.
    """
    os.makedirs(directory, exist_ok=True)
    paths = []
    with archive_errors(archive, _FIX), tarfile.open(archive) as tar:
        members = tar.getmembers()
        check_end(tar)
        for member in members:
            name = os.path.basename(member.name)
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None and name.endswith(".deb"):
                paths.append(os.path.join(directory, name))
                with open(paths[-1], "wb") as file:
                    file.write(content.read())
    if not paths:
        raise BlockedError("resource toolkit: it contains no .deb files")
    return sorted(paths)
