"""The kernel's NFS server on a machine: whether it can be had, its packages and its settings."""

import re
from typing import Dict, List, NamedTuple, Tuple

from labcharm import packages
from labcharm.machine import Machine

PACKAGE = "nfs-kernel-server"
UNIT = "nfs-server.service"
OLD = "/etc/default/nfs-kernel-server"
VERSIONS = ("3", "4.0", "4.1", "4.2")
_KEPT = "#nfs-server-charm# "
# nfs-utils 2.6 (Debian 12, Ubuntu 22.04) reads /etc/nfs.conf.d; 1.3.4 (to 20.04) reads variables
# that nfs-config.service hands to rpc.nfsd.
_READS_CONF = (2, 6)
_WHOLE = "4294967295"
Settings = NamedTuple("Settings", [("threads", int), ("versions", Tuple[str, ...])])


class ServerError(Exception):
    """Why this machine cannot serve."""


class Server:
    """The NFS server of a machine.

    Args:
        machine: The machine.
        application: Whose settings these are.
    """

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self.conf = "/etc/nfs.conf.d/%s.conf" % application

    def check_kernel(self) -> None:
        """See that the kernel can serve NFS here.

        Raises:
            ServerError: In an unprivileged container, and where the kernel has no nfsd.
        """
        words = (self._machine.read("/proc/self/uid_map") or "").split()
        if words and words[2] != _WHOLE:
            raise ServerError(
                "this is an unprivileged container, which may not run the kernel's NFS server;"
                " place the unit on a machine"
            )
        if self._has_nfsd():
            return
        tried = self._machine.run(["modprobe", "nfsd"])
        if not self._has_nfsd():
            where = self._machine.run(["systemd-detect-virt", "--container"]).out.strip()
            if where not in ("", "none"):
                told = "this is a container (%s) whose host has no NFS server loaded; place the"
                raise ServerError((told + " unit on a machine") % where)
            kernel = self._machine.run(["uname", "-r"]).out.strip()
            told = "kernel %s has no NFS server (%s); install linux-modules-extra-%s"
            raise ServerError(told % (kernel, (tried.err.strip() or "no nfsd")[:80], kernel))

    def _has_nfsd(self) -> bool:
        return "nfsd" in (self._machine.read("/proc/filesystems") or "").split()

    def install(self) -> bool:
        """Install the server where it is not; it brings the client that `verify` mounts with.

        Raises:
            CommandError: When apt cannot.
        """
        if PACKAGE in packages.installed(self._machine, [PACKAGE]):
            return False
        packages.update(self._machine)
        packages.install(self._machine, [PACKAGE])
        return True

    def configure(self, settings: Settings) -> bool:
        """Set versions and threads, and restart the server only where versions change.

        A restart makes clients of NFS 4 wait for the grace time (90 s by default), so threads are
        given to the running server.

        Returns:
            Whether anything was changed.
        """
        setting = self._set_conf if self._reads_conf() else self._set_old
        changed = setting(settings)
        if changed == "versions":
            self._restart()
        elif changed and settings.threads:
            self._machine.check(["rpc.nfsd", str(settings.threads)])
        return bool(changed)

    def start(self) -> bool:
        """Start the server where it does not run.

        Raises:
            CommandError: When it does not start.
        """
        if self._machine.run(["systemctl", "is-active", "--quiet", UNIT]).code == 0:
            return False
        self._machine.check(["systemctl", "enable", "--now", UNIT])
        return True

    def is_active(self) -> bool:
        """Tell whether the server runs."""
        return self._machine.run(["systemctl", "is-active", "--quiet", UNIT]).code == 0

    def remove_settings(self) -> bool:
        """Take our settings away and give back what they stood in for; restart where needed."""
        changed = self._machine.remove(self.conf)
        text = self._machine.read(OLD)
        if text is not None and _KEPT in text:
            changed = self._machine.write(OLD, restored(text)) or changed
        if changed:
            self._restart()
        return changed

    def _restart(self) -> None:
        units = [UNIT] if self._reads_conf() else ["nfs-config.service", UNIT]
        self._machine.check(["systemctl", "restart", *units])

    def _reads_conf(self) -> bool:
        version = packages.installed(self._machine, [PACKAGE]).get(PACKAGE, "")
        found = re.match(r"(?:\d+:)?(\d+)\.(\d+)", version)
        return not found or (int(found.group(1)), int(found.group(2))) >= _READS_CONF

    def _set_conf(self, settings: Settings) -> str:
        before = self._machine.read(self.conf)
        text = conf_of(settings)
        if not text:
            return "versions" if self._machine.remove(self.conf) else ""
        if not self._machine.write(self.conf, text):
            return ""
        return _what_changed(_values(before or ""), _values(text))

    def _set_old(self, settings: Settings) -> str:
        before = self._machine.read(OLD) or ""
        text = old_of(before, settings)
        if text == before:
            return ""
        self._machine.write(OLD, text)
        return _what_changed(_values(before), _values(text))


def conf_of(settings: Settings) -> str:
    """Return our nfs.conf(5); empty where nothing is asked for."""
    lines: List[str] = []
    if settings.threads:
        lines.append("threads=%d" % settings.threads)
    if settings.versions:
        four = any(version.startswith("4") for version in settings.versions)
        lines.append("vers4=%s" % ("y" if four else "n"))
        lines += [
            "vers%s=%s" % (version, "y" if version in settings.versions else "n")
            for version in VERSIONS
        ]
    return "[nfsd]\n%s\n" % "\n".join(lines) if lines else ""


def old_of(text: str, settings: Settings) -> str:
    """Return /etc/default/nfs-kernel-server with our values; the lines before are kept aside."""
    wanted: Dict[str, str] = {}
    if settings.threads:
        wanted["RPCNFSDCOUNT"] = str(settings.threads)
    if settings.versions:
        off = [version for version in VERSIONS if version not in settings.versions]
        wanted["RPCNFSDOPTS"] = '"%s"' % " ".join("-N " + version for version in off)
    lines = []
    for line in restored(text).splitlines():
        name = line.partition("=")[0].strip()
        lines.append(_KEPT + line if name in wanted else line)
    lines += ["%s=%s %s" % (name, value, _KEPT.strip()) for name, value in wanted.items()]
    return "".join(line + "\n" for line in lines)


def restored(text: str) -> str:
    """Return that file as it was before us."""
    lines = [line for line in text.splitlines() if not line.endswith(_KEPT.strip())]
    return "".join(line.replace(_KEPT, "", 1) + "\n" for line in lines)


def _values(text: str) -> Dict[str, str]:
    pairs = re.findall(r"^\s*([A-Za-z0-9_.]+)\s*=\s*([^#\n]*)", text, re.MULTILINE)
    return {name: value.strip() for name, value in pairs}


def _what_changed(before: Dict[str, str], after: Dict[str, str]) -> str:
    names = {
        name for name in {*before, *after} if before.get(name) != after.get(name)
    } - {"threads", "RPCNFSDCOUNT"}  # fmt: skip
    return "versions" if names else "threads"
