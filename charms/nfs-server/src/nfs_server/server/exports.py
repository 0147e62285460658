"""The exports of a machine: our one file, the kernel's table, and what others wrote by hand."""

import re
import shlex
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from labcharm.machine import Machine, Result
from labkube.apply.objects import Comparison
from nfs_server.server.clients import is_name
from nfs_server.server.resolver import resolve
from nfs_server.shares import Share

HAND = "/etc/exports"
FOLDER = "/etc/exports.d"
_ABSENT = "can't open %s for reading" % HAND
TRIAL = "/var/lib/nfs-server-charm/exports.trial"
_HEAD = "# Made by the Juju application %s, which undoes changes; see its options.\n"
# What a line of somebody else's is put behind while we serve its folder; removal takes it away.
_TAKEN = "#nfs-server-charm# "
# Asks exportfs itself, with nothing but our text, where neither its table nor the machine's files
# are touched: all is mounted over, in mounts that end with this shell.
_TRY = """\
set -e
mount -t tmpfs tmpfs /var/lib/nfs
text=$(cat %s; echo .)
mkdir -p /etc/exports.d
mount -t tmpfs tmpfs /etc/exports.d
[ ! -e /etc/exports ] || mount --bind /dev/null /etc/exports
printf '%%s' "${text%%.}" > /etc/exports.d/trial.exports
exec exportfs -ra
"""
Key = Tuple[str, str]
Table = Dict[Key, Tuple[str, ...]]
Hosts = Mapping[str, Tuple[str, ...]]


class ExportsError(Exception):
    """Exports that cannot be had; the last good ones stand."""


class HandMadeError(Exception):
    """Somebody else exports a folder of ours: file, line and folder of each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(", ".join(lines))
        self.lines = list(lines)


def table(shares: Iterable[Share]) -> Table:
    """Return what is meant: the options of each folder and client."""
    found: Table = {}
    for share in shares:
        for client in share.clients:
            found[(share.path, client)] = share.options
        for client in share.trusted:
            options = [one for one in share.options if not one.endswith("_squash")]
            found[(share.path, client)] = (*options, "no_root_squash")
    return found


def by_address(entries: Table, hosts: Hosts) -> Table:
    """Return the entries with host names' addresses in place of the names.

    exportfs takes clients of any folders with an address in common for one: it prints the name or
    address that it read first, and refuses other options for the second (nfs-utils,
    support/export/client.c). It drops names that it cannot resolve, as the machine boots too. So
    an address is named once, and one that is named as such (a node) wins.

    Args:
        entries: What is meant.
        hosts: The addresses of names; a name that is not among them stays, for exportfs to refuse.
    """
    found = {key: options for key, options in entries.items() if key[1] not in hosts}
    for (path, client), options in entries.items():
        for address in hosts.get(client, ()):
            found.setdefault((path, address), options)
    return found


def text_of(entries: Table, application: str) -> str:
    """Return our file: a line per folder and client, which differ line by line."""
    lines = [
        "%s %s(%s)\n" % (path, client, ",".join(options))
        for (path, client), options in entries.items()
    ]
    return _HEAD % application + "".join(lines)


def read_table(text: str) -> Table:
    """Read what `exportfs -s` prints: PATH CLIENT(OPTION,...) per line."""
    found = re.findall(r"^(\S+)\s+(\S+?)\(([^)\n]*)\)$", text, re.MULTILINE)
    return {(path, client): tuple(options.split(",")) for path, client, options in found}


def drift(meant: Table, there: Table, ours: Iterable[str], hosts: Hosts) -> Comparison:
    """Compare what is meant with what is exported, on our folders alone.

    exportfs prints nearly every option, defaults too, so ours must be among them; see _UNPRINTED.

    Args:
        meant: What is meant, by address.
        there: What exportfs prints. A client has a name there where a line of somebody else's,
            which may be for another folder, names it before ours.
        ours: The folders.
        hosts: The addresses of those names.
    """
    result = Comparison([], [], [], [])
    known = set()
    for key, options in meant.items():
        seen = _seen(key, there, hosts)
        known.add(seen)
        where = result.correct
        if seen not in there:
            where = result.missing
        elif not _holds(there[seen], options):
            where = result.changed
        where.append("%s %s" % key)
    folders = set(ours)
    result.extra.extend("%s %s" % key for key in there if key[0] in folders and key not in known)
    return result


def _seen(key: Key, there: Table, hosts: Hosts) -> Key:
    path, client = key
    names = [other for other in there if other[0] == path and client in hosts.get(other[1], ())]
    return names[0] if names and key not in there else key


# What may be left unprinted, and what is printed when it does not hold. nfs-utils 1.3.4 (Ubuntu
# 18.04, 20.04) prints no sync, hide and no_wdelay; 2.1.1 and later do (commit 37c07fa0). None
# prints subtree_check, acl, nocrossmnt and mountpoint, and secure only where the kernel says that
# it may differ by flavour (support/nfs/exports.c, utils/exportfs/exportfs.c).
_UNPRINTED = {
    "sync": "async", "hide": "nohide", "no_wdelay": "wdelay", "subtree_check": "no_subtree_check",
    "acl": "no_acl", "nocrossmnt": "crossmnt", "secure": "insecure", "mountpoint": "",
}  # fmt: skip
# Nobody's number is printed by no version.
_NOBODY = {"anonuid=65534", "anongid=65534"}
# Printed in a form of its own (fsid), or as a heading of what follows (sec).
_UNCOMPARED = ("fsid=", "sec=")


def _holds(there: Sequence[str], options: Sequence[str]) -> bool:
    return all(_is_held(option, there) for option in options)


def _is_held(option: str, there: Sequence[str]) -> bool:
    if option == "root_squash" and "all_squash" in there:
        return False  # both are printed then
    if option in there or option.startswith(_UNCOMPARED):
        return True
    if option in _NOBODY:
        name = option.partition("=")[0] + "="
        return not any(other.startswith(name) for other in there)
    return option in _UNPRINTED and _UNPRINTED[option] not in there


def folders_of(line: str) -> str:
    """Return the folder that a line of exports(5) exports; empty for comments and blanks."""
    found = re.match(r'\s*("[^"]+"|[^\s#]\S*)', line)
    if not found:
        return ""
    raw = found.group(1).strip('"')
    path = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal.group(1), 8)), raw)
    return path.rstrip("/") or "/"


class Exports:
    """The exports of a machine.

    Args:
        machine: The machine.
        application: Whose file it is.
    """

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self._application = application
        self._hosts: Dict[str, Tuple[str, ...]] = {}
        self.path = "%s/%s.exports" % (FOLDER, application)

    def current(self) -> Table:
        """Return what is exported now.

        Raises:
            CommandError: When exportfs fails.
        """
        return read_table(self._machine.check(["exportfs", "-s"]))

    def ours(self) -> List[str]:
        """Return the folders that our file exports now."""
        text = self._machine.read(self.path) or ""
        return sorted({folders_of(line) for line in text.splitlines()} - {""})

    def compare(self, shares: Sequence[Share]) -> Comparison:
        """Tell which exports are as meant, changed, missing, and beyond them."""
        folders = {share.path for share in shares} | set(self.ours())
        meant, there = self._meant(shares), self.current()
        return drift(meant, there, folders, self._known(key for key in there if key[0] in folders))

    def _meant(self, shares: Sequence[Share]) -> Table:
        entries = table(shares)
        return by_address(entries, self._known(entries))

    def _known(self, entries: Iterable[Key]) -> Hosts:
        """Return the addresses of the names among clients; each name is asked for once."""
        names = {client for _, client in entries if is_name(client)}
        self._hosts.update(resolve(self._machine, names - set(self._hosts)))
        return self._hosts

    def apply(self, shares: Sequence[Share], adopt: bool) -> bool:
        """Export these shares and no others of ours.

        Nothing is written before exportfs has taken the text, and what was there comes back when
        the kernel's table is not as meant afterwards.

        Args:
            shares: What to export.
            adopt: Whether hand-made lines for these folders are taken over.

        Returns:
            Whether anything was changed.

        Raises:
            HandMadeError: When others export these folders, and they are not taken over.
            ExportsError: When exportfs refuses.
        """
        text = text_of(self._meant(shares), self._application)
        theirs = self._by_hand({share.path for share in shares})
        if theirs and not adopt:
            raise HandMadeError([line for _, line in theirs])
        if not theirs and self._machine.read(self.path) == text and self._stands(shares):
            return False
        self._try_out(text)
        files = [self.path, *sorted({path for path, _ in theirs})]
        before = {path: self._machine.read(path) for path in files}
        self._machine.write(self.path, text)
        self._take_over({share.path for share in shares}, files[1:])
        result = self._machine.run(["exportfs", "-ra"])
        if not self._stands(shares):
            self._put_back(before)
            raise ExportsError("exportfs -ra: %s" % _words(result.err or "is not as meant"))
        return True

    def _stands(self, shares: Sequence[Share]) -> bool:
        found = self.compare(shares)
        return not (found.changed or found.missing or found.extra)

    def _put_back(self, before: Mapping[str, Optional[str]]) -> None:
        for path, text in before.items():
            if text is not None:
                self._machine.write(path, text)
            else:
                self._machine.remove(path)
        self._machine.run(["exportfs", "-ra"])

    def _try_out(self, text: str) -> None:
        """Have exportfs judge our text; any word of it is a refusal, whatever it ends with."""
        self._machine.write(TRIAL, text)
        script = _TRY % shlex.quote(self._machine.path(TRIAL))
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
        try:
            result = self._machine.run(own, timeout=120)
        finally:
            self._machine.remove(TRIAL)
        if _ABSENT in result.err:  # which is no word on our text, whatever it ends with
            said = [line for line in result.err.splitlines() if _ABSENT not in line]
            result = Result(0, result.out, "\n".join(said))
        if result.code or result.err.strip():
            raise ExportsError("exportfs refuses: %s" % _words(result.err or result.out))

    # What others wrote.

    def _by_hand(self, folders: Iterable[str]) -> List[Tuple[str, str]]:
        """Return file, and file and line and folder in words, of others' lines for our folders."""
        wanted, found = set(folders), []
        for path in self._files():
            for number, line in _logical(self._machine.read(path) or ""):
                folder = folders_of(line)
                if folder in wanted:
                    found.append((path, "%s line %d exports %s" % (path, number, folder)))
        return found

    def _files(self) -> List[str]:
        listed = self._machine.run(["ls", "-1", self._machine.path(FOLDER)]).out.split()
        others = ["%s/%s" % (FOLDER, name) for name in listed if name.endswith(".exports")]
        return [HAND] + [path for path in others if path != self.path]

    def _take_over(self, folders: Iterable[str], files: Iterable[str]) -> None:
        wanted = set(folders)
        for path in files:
            text = self._machine.read(path) or ""
            lines = text.splitlines(True)
            for number, line in _logical(text):
                if folders_of(line) in wanted:
                    for index in range(number - 1, number + line.count("\n")):
                        lines[index] = _TAKEN + lines[index]
            self._machine.write(path, "".join(lines))

    def drop(self, folder: str) -> bool:
        """Export a folder, and what lies in it, no longer; others' lines stay as they are.

        Returns:
            Whether any of it was exported by our file.
        """
        lines = (self._machine.read(self.path) or "").splitlines(True)
        kept = [line for line in lines if not (folders_of(line) + "/").startswith(folder + "/")]
        if kept == lines:
            return False
        self._machine.write(self.path, "".join(kept))
        self._machine.run(["exportfs", "-ra"])
        return True

    def remove(self) -> bool:
        """Take our file away, give others' lines back, and tell the kernel.

        Returns:
            Whether there was anything to take away.
        """
        given = [self._give_back(path) for path in self._files()]
        if not self._machine.remove(self.path) and not any(given):
            return False
        self._machine.run(["exportfs", "-ra"])
        self._machine.remove_folder(FOLDER)  # where nobody else uses it
        return True

    def _give_back(self, path: str) -> bool:
        text = self._machine.read(path)
        if text is None or _TAKEN not in text:
            return False
        return self._machine.write(path, text.replace(_TAKEN, ""))


def _logical(text: str) -> List[Tuple[int, str]]:
    """Return the lines with those that a backslash continues; numbers are of the first."""
    found: List[Tuple[int, str]] = []
    held: List[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if held else number
        held.append(line)
        if not line.endswith("\\"):
            found.append((start, "\n".join(held)))
            held = []
    return found + ([(start, "\n".join(held))] if held else [])


def _words(text: str) -> str:
    lines = [re.sub(r"^exportfs: ", "", line.strip()) for line in text.splitlines()]
    told = "; ".join(line for line in lines if line)
    return re.sub(r"\S*trial\.exports(?::| \[)(\d+)\]?:", r"line \1:", told)[:300]
