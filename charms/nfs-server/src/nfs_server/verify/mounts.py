"""Trials of mounting a share from its own server, and of writing to it."""

import os
import tempfile
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from labcharm.machine import CommandError, Machine
from labcharm.verify import Check
from nfs_server.server import clients
from nfs_server.shares import Share

PREFIX = "nfs-verify-"
# Writes, reads back and removes one file; the folder's name comes as its first argument.
ROUND = 'set -e; f="$1/file-$$"; echo lab > "$f"; test "$(cat "$f")" = lab; rm "$f"'
_LOOPBACK = "127.0.0.1"
_LOOPBACK_RULES = "rw,sync,no_subtree_check,no_root_squash,insecure"
_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def attempted(name: str, trial: Callable[[], List[Check]]) -> List[Check]:
    """Return what a trial finds; one that the machine ends is a failed check of this name."""
    try:
        return trial()
    except OSError as error:
        return [Check(name, False, "%s: %s" % (error.filename or name, error.strerror or error))]
    except CommandError as error:
        return [Check(name, False, str(error))]


def configured_checks(
    machine: Machine, root: Share, address: Optional[str], options: Sequence[str]
) -> List[Check]:
    """Mount the export root by the rules that it is exported by, where they admit this machine.

    Args:
        machine: The machine.
        root: The share.
        address: The machine's own, by which it mounts; None where it has none yet.
        options: What clients mount with.
    """
    untried = _untried(root, address)
    if untried or address is None:
        return [Check("configured", True, "not tried: %s" % untried)]
    return attempted("configured", lambda: [_configured(machine, root, address, options)])


def _untried(root: Share, address: Optional[str]) -> str:
    if address is None:
        return "the binding has no address yet"
    if not clients.covers([*root.clients, *root.trusted], address):
        return "this machine (%s) is no client; `exports` compares the rules" % address
    if any(one.startswith("sec=") and "sys" not in one for one in root.options):
        return "sec= asks for Kerberos, which this machine may not have as a client"
    return ""


def _configured(machine: Machine, root: Share, address: str, options: Sequence[str]) -> Check:
    place, writes = "%s:%s" % (_in_brackets(address), root.path), "ro" not in root.options
    # Made on the server itself: its root may be squashed there.
    folder = tempfile.mkdtemp(prefix="." + PREFIX, dir=machine.path(root.path))
    try:
        machine.check(["chmod", "0777", folder])
        with _mount(machine, place, ",".join(options)) as (point, problem):
            if problem:
                return Check("configured", False, problem)
            inner = os.path.join(point, os.path.basename(folder))
            found = _written(machine, "nobody", _NOBODY, inner)
    finally:
        machine.run(["rmdir", folder])
    if found.ok is not writes:
        told = found.message if writes else "nobody wrote, though the share is ro"
        return Check("configured", False, "%s: %s" % (place, told))
    told = "%s is mounted by the configured rules, and %s as nobody"
    return Check("configured", True, told % (place, "written" if writes else "not written (ro)"))


def mount_checks(machine: Machine, root: Share, options: Sequence[str]) -> List[Check]:
    """Mount the export root from this machine, and write as root and as nobody.

    For this it is exported to loopback, by rules that are not the configured ones; reading the
    files again takes that back.
    """
    return attempted("mount", lambda: _by_loopback(machine, root, options))


def _by_loopback(machine: Machine, root: Share, options: Sequence[str]) -> List[Check]:
    place = "%s:%s" % (_LOOPBACK, root.path)
    opened = machine.run(["exportfs", "-o", _LOOPBACK_RULES, place])
    if opened.code:
        return [Check("mount", False, "exportfs: %s" % _last(opened.err))]
    try:
        with _mount(machine, place, ",".join(options)) as (point, problem):
            if problem:
                return [Check("mount", False, problem)]
            told = "%s is mounted from here, by rules of this trial (%s)"
            done = Check("mount", True, told % (place, _LOOPBACK_RULES))
            return [done, *attempted("write", lambda: _rounds(machine, point))]
    finally:
        machine.run(["exportfs", "-ra"])


@contextmanager
def _mount(machine: Machine, place: str, options: str) -> Iterator[Tuple[str, str]]:
    """Mount a share while this lasts; yield the folder, and what mount says against it."""
    point = tempfile.mkdtemp(prefix=PREFIX)
    command = ["mount", "-t", "nfs", *(["-o", options] if options else []), place, point]
    try:
        tried = machine.run(command, timeout=60)
        yield point, "%s: %s" % (place, _last(tried.err)) if tried.code else ""
    finally:
        machine.run(["umount", "-l", point])
        # Never more than this: were it still mounted, the share's data would go.
        machine.remove_folder(point)


def _rounds(machine: Machine, point: str) -> List[Check]:
    folder = tempfile.mkdtemp(prefix="." + PREFIX, dir=point)
    try:
        machine.check(["chmod", "0777", folder])
        return [
            _written(machine, "root", [], folder),
            _written(machine, "nobody", _NOBODY, folder),
        ]
    finally:
        machine.run(["rmdir", folder])


def _in_brackets(address: str) -> str:
    return "[%s]" % address if ":" in address else address


def _written(machine: Machine, who: str, prefix: List[str], folder: str) -> Check:
    tried = machine.run([*prefix, "sh", "-c", ROUND, "sh", folder], timeout=60)
    told = "written, read and removed as %s" % who
    if tried.code:
        told = "as %s: %s" % (who, _last(tried.err))
    return Check("write-" + who, tried.code == 0, told)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1]
