"""The kernel's NFS server: its package, its service and its settings."""

import re
from typing import List, NamedTuple, Tuple

from labcharm import packages
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from nfs_server.records import read_record, write_record
from nfs_server.server.settings import (
    MARK,
    Settings,
    changed_part,
    check_old_versions,
    parse_variables,
    parse_versions,
    render_conf,
    render_defaults,
    restore_defaults,
)

PACKAGE = "nfs-kernel-server"
UNIT = "nfs-server.service"
DEFAULTS_FILE = "/etc/default/nfs-kernel-server"
# The first nfs-utils that reads /etc/nfs.conf.d.
_READS_CONF = (2, 6)
# The number of user IDs that a machine or a privileged container has.
_ALL_USER_IDS = "4294967295"
# What the kernel reports about its server, nfsd(7).
_THREADS, _VERSIONS = "/proc/fs/nfsd/threads", "/proc/fs/nfsd/versions"
# The settings that the running server got last, and whether it refused the versions.
LAST_SETTINGS = "/var/lib/nfs-server-charm/settings.json"


class _LastSettings(NamedTuple):
    """The settings that the running server got last.

    Attributes:
        threads: The number of threads; 0 for the machine's own.
        versions: The versions of NFS; none for the machine's own.
        refused: Whether the server did not follow the versions.
    """

    threads: int
    versions: Tuple[str, ...]
    refused: bool


class NfsService:
    """The NFS server of a machine.

    Args:
        machine: The machine.
        application: The application, which names the settings file.
    """

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self.conf_file = f"/etc/nfs.conf.d/{application}.conf"

    def check_kernel(self) -> None:
        """Check that the kernel can serve NFS here.

        Raises:
            BlockedError: In an unprivileged container, and where the kernel has no nfsd.
        """
        uid_map = (self._machine.read("/proc/self/uid_map") or "").split()
        if uid_map and uid_map[2] != _ALL_USER_IDS:
            raise BlockedError(
                "this is an unprivileged container, which cannot run the kernel's NFS server;"
                " place the unit on a machine"
            )
        if self._has_nfsd():
            return
        modprobe = self._machine.run(["modprobe", "nfsd"])
        if not self._has_nfsd():
            raise BlockedError(self._why_no_nfsd(modprobe.err))

    def _has_nfsd(self) -> bool:
        return "nfsd" in (self._machine.read("/proc/filesystems") or "").split()

    def _why_no_nfsd(self, modprobe_error: str) -> str:
        container = self._machine.run(["systemd-detect-virt", "--container"]).out.strip()
        if container not in ("", "none"):
            return (
                f"this is a container ({container}) whose host has not loaded the NFS server;"
                " place the unit on a machine"
            )
        kernel = self._machine.run(["uname", "-r"]).out.strip()
        reason = (modprobe_error.strip() or "no nfsd")[:80]
        return f"kernel {kernel} has no NFS server; install linux-modules-extra-{kernel}: {reason}"

    def install(self) -> bool:
        """Install the server and its client, which `verify` mounts with; return whether it did.

        Raises:
            CommandError: When apt fails.
        """
        if PACKAGE in packages.installed(self._machine, [PACKAGE]):
            return False
        packages.update(self._machine)
        packages.install(self._machine, [PACKAGE])
        return True

    def configure(self, settings: Settings) -> bool:
        """Set versions and threads; restart the server only when versions change.

        After a restart clients of NFS 4 wait for the grace time (90 s by default), so threads are
        set while the server runs. The kernel's report decides, not the text of the file, because a
        hook may have been interrupted between the two. A restart that did not help is not
        repeated.

        Returns:
            Whether anything was changed.

        Raises:
            BlockedError: When this server cannot have these settings.
            CommandError: When the server does not start again.
        """
        reads_conf = self._reads_conf()
        if not reads_conf:
            check_old_versions(settings)
        changed = self._write_conf(settings) if reads_conf else self._write_defaults(settings)
        last = self._read_last()
        if self._needs_restart(settings, last, changed):
            self._restart()
            self._record(settings, is_refused=bool(self._wrong_versions(settings)))
            self._check_versions(settings)
            return True
        sets_threads = self._needs_threads(settings, last, changed)
        if sets_threads:
            self._machine.check(["rpc.nfsd", *self._thread_arguments(settings, reads_conf)])
        self._record(settings, is_refused=False)
        return sets_threads or bool(changed)

    def _needs_restart(self, settings: Settings, last: _LastSettings, changed: str) -> bool:
        has_report = bool(self._machine.read(_VERSIONS))
        if not has_report or not settings.versions:  # the machine's own versions are not known
            return changed == "versions" or last.versions != settings.versions
        if not self._wrong_versions(settings):
            return False
        if last.refused and last.versions == settings.versions:
            self._check_versions(settings)
        return True

    def _needs_threads(self, settings: Settings, last: _LastSettings, changed: str) -> bool:
        if not settings.threads:
            return changed == "threads" or bool(last.threads)
        running = (self._machine.read(_THREADS) or "").strip()
        return running != str(settings.threads) if running else bool(changed)

    def _thread_arguments(self, settings: Settings, reads_conf: bool) -> List[str]:
        """Return the number for rpc.nfsd; without one it takes the machine's own from nfs.conf."""
        if settings.threads:
            return [str(settings.threads)]
        if reads_conf:
            return []
        variables = parse_variables(self._machine.read(DEFAULTS_FILE) or "")
        count = variables.get("RPCNFSDCOUNT", "").strip("\"'")
        return [count if count.isdigit() else "8"]

    def _wrong_versions(self, settings: Settings) -> List[str]:
        """Return the versions that are on and should be off, or off and should be on."""
        available, served = parse_versions(self._machine.read(_VERSIONS) or "")
        wrong = available & (served ^ set(settings.versions))
        return sorted(wrong) if settings.versions else []

    def _check_versions(self, settings: Settings) -> None:
        wrong = self._wrong_versions(settings)
        if wrong:
            raise BlockedError(
                f"the server does not follow nfs-versions for {' '.join(wrong)}; check"
                " /etc/nfs.conf.d and the kernel"
            )

    def _record(self, settings: Settings, is_refused: bool) -> None:
        last = dict(settings._asdict(), refused=is_refused)
        if any(last.values()):
            write_record(self._machine, LAST_SETTINGS, last)
        else:
            self._machine.remove(LAST_SETTINGS)

    def _read_last(self) -> _LastSettings:
        record = read_record(self._machine, LAST_SETTINGS)
        return _LastSettings(
            record.get("threads", 0),
            tuple(record.get("versions", [])),
            record.get("refused", False),
        )

    def start(self) -> bool:
        """Start the server when it does not run; return whether it was started.

        Raises:
            CommandError: When it does not start.
        """
        if self.is_active():
            return False
        self._machine.check(["systemctl", "enable", "--now", UNIT])
        return True

    def is_active(self) -> bool:
        """Return whether the server runs."""
        return self._machine.run(["systemctl", "is-active", "--quiet", UNIT]).code == 0

    def remove_settings(self) -> bool:
        """Remove this charm's settings and restore the machine's own.

        Returns:
            Whether the settings changed; the server is restarted then.
        """
        self._machine.remove(LAST_SETTINGS)
        is_changed = self._machine.remove(self.conf_file)
        text = self._machine.read(DEFAULTS_FILE)
        if text is not None and MARK in text:
            is_changed = self._machine.write(DEFAULTS_FILE, restore_defaults(text)) or is_changed
        if is_changed:
            self._restart()
        return is_changed

    def _restart(self) -> None:
        units = [UNIT] if self._reads_conf() else ["nfs-config.service", UNIT]
        self._machine.check(["systemctl", "restart", *units])

    def _reads_conf(self) -> bool:
        version = packages.installed(self._machine, [PACKAGE]).get(PACKAGE, "")
        match = re.match(r"(?:\d+:)?(\d+)\.(\d+)", version)
        return not match or (int(match.group(1)), int(match.group(2))) >= _READS_CONF

    def _write_conf(self, settings: Settings) -> str:
        """Write the settings for nfs-utils 2.6 and later; return the part that changed."""
        before, text = self._machine.read(self.conf_file) or "", render_conf(settings)
        if text:
            self._machine.write(self.conf_file, text)
        else:
            self._machine.remove(self.conf_file)
        return changed_part(before, text)

    def _write_defaults(self, settings: Settings) -> str:
        """Write the settings for nfs-utils 1.3.4; return the part that changed."""
        before = self._machine.read(DEFAULTS_FILE) or ""
        text = render_defaults(before, settings)
        if text != before:
            self._machine.write(DEFAULTS_FILE, text)
        return changed_part(before, text)
