"""Real machines for the tests: Debian under a systemd of its own, by systemd-nspawn.

A base is built once per release with mmdebstrap and kept; each machine is a copy-on-write layer
over it that boots in about a second. Needs root and Debian's archive; `why_not` says what is
missing. Nothing here starts or changes a service of the host.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("systemd-container", "mmdebstrap", "arping", "bridge-utils", "iptables")
_INCLUDE = (
    "systemd,systemd-sysv,dbus,iproute2,netbase,procps,kmod,udev,docker.io,iptables,"
    "busybox-static,python3,gnupg,ca-certificates,strace"
)
_EXTRA = {"bookworm": "", "trixie": ",docker-cli"}
# docker makes cgroups of its own; nspawn mounts the version 1 controllers read-only.
_CGROUPS = """\
[Unit]
DefaultDependencies=no
Before=docker.service containerd.service
After=local-fs-pre.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for c in /sys/fs/cgroup/*/; do case $c in */systemd/|*/unified/) ;; *) mount -o remount,rw,bind $c;; esac; done'
[Install]
WantedBy=sysinit.target
"""  # noqa: E501 - one line of a unit file


class UnavailableError(Exception):
    """These tests cannot run here; the text says why."""


def cache_dir() -> Path:
    """Return where bases are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("BOTLAB_CACHE", f"{home}/botlab")) / "machines"


def why_not() -> str:
    """Say why machines cannot run here; empty when they can."""
    if os.geteuid() != 0:
        return "needs root to boot machines"
    missing = [name for name in ("systemd-nspawn", "mmdebstrap", "nsenter") if not which(name)]
    if missing:
        return f"needs {', '.join(missing)} (packages {', '.join(PACKAGES)})"
    return ""


def which(name: str) -> str | None:
    """Find a program also where root's PATH may not lead."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def base(release: str) -> Path:
    """Return the folder with a release's files, built where it is not there yet.

    Raises:
        UnavailableError: When it cannot be built.
    """
    include = _INCLUDE + _EXTRA[release]
    folder = cache_dir() / f"{release}-{abs(hash_of(include + _CGROUPS)):x}"
    # Mounts of its own, which end with it: when a build is cut off, nothing of the host can be
    # reached through one as the tree is removed.
    own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*own, "mmdebstrap", "--variant=apt", f"--include={include}"]
    return bootstrapped(folder, release, command, _prepare)


def bootstrapped(
    folder: Path, release: str, command: list[str], prepare: Callable[[Path], None]
) -> Path:
    """Return a folder with a release's files, made where it is not there yet, whole or not at all.

    Args:
        folder: Where it is kept.
        release: Its name in Debian's archive.
        command: Runs mmdebstrap; release and folder are added.
        prepare: Changes what was made before it is kept.

    Raises:
        UnavailableError: When it cannot be made.
    """
    if folder.is_dir():
        return folder
    reason = why_not()
    if reason:
        raise UnavailableError(reason)
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    done = subprocess.run([*command, release, str(part)], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        raise UnavailableError(f"mmdebstrap {release}: {done.stderr.strip().splitlines()[-1]}")
    prepare(part)
    part.rename(folder)
    return folder


def hash_of(text: str) -> int:
    """Return a number that stands for a text, the same on every run."""
    import hashlib

    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def _prepare(root: Path) -> None:
    unit = root / "etc/systemd/system/cgroup-rw.service"
    unit.write_text(_CGROUPS, encoding="utf-8")
    wants = root / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit.name).symlink_to(unit.name and f"/etc/systemd/system/{unit.name}")
    (root / "etc/fstab").write_text("", encoding="utf-8")


@dataclass(frozen=True)
class Done:
    """A command's end: code, output and errors."""

    code: int
    out: str
    err: str


class Machine:
    """One running machine."""

    def __init__(self, name: str, folder: Path, base_folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.root = folder / "root"
        self._base = base_folder
        self._leader = 0
        self._supervisor: subprocess.Popen[bytes] | None = None

    def boot(self) -> Machine:
        """Boot it, or boot it again.

        Raises:
            UnavailableError: When it does not come up.
        """
        for name in ("up", "work", "root", "docker", "lab"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if not os.path.ismount(self.root):
            layers = f"lowerdir={self._base},upperdir={self.folder}/up,workdir={self.folder}/work"
            run(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)])
        (self.root / "var/lib/docker").mkdir(parents=True, exist_ok=True)
        (self.root / "lab").mkdir(exist_ok=True)
        (self.root / "etc/hostname").write_text(f"{self.name}\n", encoding="utf-8")
        self._start()
        end = time.monotonic() + 60
        while not self._is_up():
            if time.monotonic() > end or (
                self._supervisor and self._supervisor.poll() is not None
            ):
                console = (self.folder / "console.log").read_text(errors="replace")
                raise UnavailableError(f"{self.name} does not boot: {console[-400:]}")
            time.sleep(0.1)
        return self

    def _start(self) -> None:
        groups = _own_cgroups(self.name)
        joins = "; ".join(f"echo $$ > {group}/cgroup.procs" for group in groups)
        nspawn = [
            "systemd-nspawn", "-D", str(self.root), "-M", self.name, "-b", "--register=no",
            "--keep-unit", "--console=pipe", "--resolv-conf=off", "--private-network",
            "--capability=all",
            "--system-call-filter=add_key keyctl bpf open_by_handle_at quotactl",
            f"--bind={self.folder}/docker:/var/lib/docker", f"--bind={self.folder}/lab:/lab",
        ]  # fmt: skip
        script = f'{joins}; exec "$@"'
        with (self.folder / "console.log").open("wb") as console:
            self._supervisor = subprocess.Popen(
                ["sh", "-c", script, "sh", *nspawn],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def leader(self) -> int:
        """Return the id of its first process."""
        return self._leader

    def _is_up(self) -> bool:
        pid = self._supervisor.pid if self._supervisor else 0
        children = Path(f"/proc/{pid}/task/{pid}/children")
        found = children.read_text().split() if children.exists() else []
        if not found:
            return False
        self._leader = int(found[-1])
        state = self.run("systemctl", "is-system-running").out.strip()
        return state in ("running", "degraded")

    def run(self, *command: str, timeout: float = 120) -> Done:
        """Run a command in it; nothing is raised for its failure."""
        inside = [
            "nsenter",
            "-t",
            str(self._leader),
            "-m",
            "-u",
            "-i",
            "-n",
            "-p",
            "-C",
            "-r",
            "-w",
        ]
        clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        done = subprocess.run(
            [*inside, *clean, "HOME=/root", "LC_ALL=C", *command],
            capture_output=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        out = done.stdout.decode(errors="replace")
        return Done(done.returncode, out, done.stderr.decode(errors="replace"))

    def check(self, *command: str, timeout: float = 120) -> str:
        """Run a command in it and return its output; its failure is one of the test."""
        done = self.run(*command, timeout=timeout)
        assert done.code == 0, f"{' '.join(command)}: {done.err or done.out}"
        return done.out

    def sh(self, script: str, timeout: float = 120) -> str:
        """Run a shell script in it."""
        return self.check("sh", "-ec", script, timeout=timeout)

    def _host(self, path: str) -> Path:
        """Return where a path of the machine is on the host; /lab is bound into it."""
        if path.startswith("/lab/"):
            return self.folder / path.lstrip("/")
        return self.root / path.lstrip("/")

    def bring(self, path: Path, to: str) -> None:
        """Copy a file, or a folder and what is in it, to a path of the machine."""
        target = self._host(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, target)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file in it."""
        target = self._host(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    def read(self, path: str) -> str:
        """Read a file in it."""
        return self._host(path).read_text(encoding="utf-8")

    def exists(self, path: str) -> bool:
        """Tell whether a path is there."""
        return os.path.lexists(self._host(path))

    def json(self, *command: str) -> object:
        """Run a command that prints JSON."""
        return json.loads(self.check(*command))

    def stop(self) -> None:
        """Power it off; kill what does not go."""
        if self._supervisor is None:
            return
        self.run("systemctl", "poweroff", timeout=20)
        try:
            self._supervisor.wait(20)
            self._supervisor = None
        except subprocess.TimeoutExpired:
            self._end()

    def _end(self) -> None:
        """End it at once: all its processes go with its first."""
        if self._supervisor is None:
            return
        subprocess.run(["kill", "-9", str(self._leader)], check=False)
        try:
            self._supervisor.wait(10)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait(10)
        self._supervisor = None

    def remove(self) -> None:
        """End it and take its files and cgroups away."""
        self._end()
        subprocess.run(["umount", "-l", str(self.root)], check=False, capture_output=True)
        for group in _cgroup_paths(self.name):
            for folder, _, _ in sorted(os.walk(group), reverse=True):
                try:
                    Path(folder).rmdir()
                except OSError:
                    break
        shutil.rmtree(self.folder, ignore_errors=True)


def run(command: list[str]) -> None:
    """Run a command of the host; its failure makes the machine unavailable."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise UnavailableError(f"{' '.join(command)}: {done.stderr.strip()}")


def _cgroup_paths(name: str) -> list[Path]:
    controllers = Path("/sys/fs/cgroup")
    if (controllers / "cgroup.controllers").exists():
        return [controllers / f"lab-{name}"]
    return [c / f"lab-{name}" for c in sorted(controllers.iterdir()) if c.is_dir()]


def _own_cgroups(name: str) -> list[Path]:
    """Give the machine cgroups of its own, or several would share nspawn's."""
    groups = _cgroup_paths(name)
    for group in groups:
        group.mkdir(exist_ok=True)
        if group.parent.name.startswith("cpuset"):
            for key in ("cpuset.cpus", "cpuset.mems"):
                (group / key).write_text((group.parent / key).read_text())
    return groups
