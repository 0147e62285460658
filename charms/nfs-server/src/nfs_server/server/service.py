"""The kernel's NFS server on a machine: whether it can be had, its packages and its settings."""

import json
import re
from typing import Any, Dict, List, NamedTuple, Set, Tuple

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
# What the kernel says of itself, nfsd(7).
_THREADS, _SERVED = "/proc/fs/nfsd/threads", "/proc/fs/nfsd/versions"
# Which settings the running server was given last, and which it did not take.
GIVEN = "/var/lib/nfs-server-charm/settings.json"
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
        given to the running server. What counts is what the kernel says, not what the file says: a
        hook may have been cut off between the two. A restart that did not help is not tried again.

        Returns:
            Whether anything was changed.

        Raises:
            ServerError: When this server cannot have them.
            CommandError: When the server does not start again.
        """
        old = not self._reads_conf()
        if old:
            check_old(settings)
        setting = self._set_old if old else self._set_conf
        changed = setting(settings)
        given = self._given()
        if self._needs_restart(settings, given, changed):
            self._restart()
            self._keep(settings, refused=bool(self._unserved(settings)))
            self._check_served(settings)
            return True
        threads = self._needs_threads(settings, given, changed)
        if threads:
            self._machine.check(["rpc.nfsd", *self._threads(settings, old)])
        self._keep(settings, refused=False)
        return threads or bool(changed)

    def _needs_restart(self, settings: Settings, given: Dict[str, Any], changed: str) -> bool:
        silent = not self._machine.read(_SERVED)
        if silent or not settings.versions:  # which the machine's own are is not known
            return changed == "versions" or given["versions"] != list(settings.versions)
        if not self._unserved(settings):
            return False
        if given["refused"] and given["versions"] == list(settings.versions):
            self._check_served(settings)
        return True

    def _needs_threads(self, settings: Settings, given: Dict[str, Any], changed: str) -> bool:
        if not settings.threads:
            return changed == "threads" or bool(given["threads"])
        running = (self._machine.read(_THREADS) or "").strip()
        return running != str(settings.threads) if running else bool(changed)

    def _threads(self, settings: Settings, old: bool) -> List[str]:
        """Return the number for rpc.nfsd; without one it takes the machine's own from nfs.conf."""
        if settings.threads:
            return [str(settings.threads)]
        own = _values(self._machine.read(OLD) or "").get("RPCNFSDCOUNT", "").strip("\"'")
        return [own if own.isdigit() else "8"] if old else []

    def _unserved(self, settings: Settings) -> List[str]:
        """Return the versions that are served and should not be, or should and are not."""
        known, served = read_versions(self._machine.read(_SERVED) or "")
        return sorted(known & (served ^ set(settings.versions))) if settings.versions else []

    def _check_served(self, settings: Settings) -> None:
        wrong = self._unserved(settings)
        if wrong:
            told = "nfs-versions is %s, and the server does not follow in %s; another file of"
            told += " /etc/nfs.conf.d, or the kernel, says otherwise"
            raise ServerError(told % (" ".join(settings.versions), " ".join(wrong)))

    def _keep(self, settings: Settings, refused: bool) -> None:
        given = dict(settings._asdict(), refused=refused)
        if any(given.values()):
            self._machine.write(GIVEN, json.dumps(given, sort_keys=True) + "\n", 0o600)
        else:
            self._machine.remove(GIVEN)

    def _given(self) -> Dict[str, Any]:
        try:
            found = json.loads(self._machine.read(GIVEN) or "{}")
        except ValueError:
            found = {}
        found = found if isinstance(found, dict) else {}
        return {
            "threads": found.get("threads", 0),
            "versions": found.get("versions", []),
            "refused": found.get("refused", False),
        }

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
        self._machine.remove(GIVEN)
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
            self._machine.remove(self.conf)
            return _what_changed(_values(before or ""), {})
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
        lines.append("vers4=%s" % ("y" if _has_four(settings.versions) else "n"))
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
        off = _off_on_old(settings.versions)
        wanted["RPCNFSDOPTS"] = '"%s"' % " ".join("-N " + version for version in off)
    lines = []
    for line in restored(text).splitlines():
        name = line.partition("=")[0].strip()
        lines.append(_KEPT + line if name in wanted else line)
    lines += ["%s=%s %s" % (name, value, _KEPT.strip()) for name, value in wanted.items()]
    return "".join(line + "\n" for line in lines)


def check_old(settings: Settings) -> None:
    """See that rpc.nfsd of nfs-utils 1.3.4 can have these versions served.

    It makes "-4.32" of `-N 4.0`, which the kernel refuses together with all that it is told after
    that (mended by nfs-utils commit 995806ff).

    Raises:
        ServerError: When 4.0 is to be off while others of 4 stay.
    """
    if _has_four(settings.versions) and "4.0" not in settings.versions:
        told = (
            "nfs-versions is %s, and this machine's nfs-utils 1.3.4 cannot leave 4.0 out; add it"
        )
        raise ServerError((told + ", or write 3") % " ".join(settings.versions))


def _off_on_old(versions: Tuple[str, ...]) -> List[str]:
    off = [version for version in VERSIONS if version not in versions]
    if _has_four(versions):
        return off
    return [version for version in off if not version.startswith("4")] + ["4"]


def _has_four(versions: Tuple[str, ...]) -> bool:
    return any(version.startswith("4") for version in versions)


def read_versions(text: str) -> Tuple[Set[str], Set[str]]:
    """Read /proc/fs/nfsd/versions; return the versions that this kernel has, and those it serves.

    It never says +4.0: that is served with +4, unless it says -4.0 (fs/nfsd/nfsctl.c).
    """
    words = text.split()
    if "+4" in words and "-4.0" not in words:
        words.append("+4.0")
    elif "-4" in words:
        words.append("-4.0")
    known = {word[1:] for word in words} & set(VERSIONS)
    return known, {word[1:] for word in words if word[0] == "+"} & known


def restored(text: str) -> str:
    """Return that file as it was before us."""
    lines = [line for line in text.splitlines() if not line.endswith(_KEPT.strip())]
    return "".join(line.replace(_KEPT, "", 1) + "\n" for line in lines)


def _values(text: str) -> Dict[str, str]:
    pairs = re.findall(r"^\s*([A-Za-z0-9_.]+)\s*=\s*([^#\n]*)", text, re.MULTILINE)
    return {name: value.strip() for name, value in pairs}


def _what_changed(before: Dict[str, str], after: Dict[str, str]) -> str:
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if names - {"threads", "RPCNFSDCOUNT"}:
        return "versions"
    return "threads" if names else ""
