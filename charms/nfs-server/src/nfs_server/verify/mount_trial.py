"""The trials of mounting a share from its own server and writing to it."""

import os
import tempfile
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from labcharm.machine import CommandError, Machine
from labcharm.verify import Check
from nfs_server.server import clients
from nfs_server.server.shares import Share

PREFIX = "nfs-verify-"
# Writes one file, reads it and removes it. Its first argument is the directory.
WRITE_SCRIPT = 'set -e; f="$1/file-$$"; echo lab > "$f"; test "$(cat "$f")" = lab; rm "$f"'
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
_LOOPBACK = "127.0.0.1"
_LOOPBACK_OPTIONS = "rw,sync,no_subtree_check,no_root_squash,insecure"


def run_trial(name: str, trial: Callable[[], List[Check]]) -> List[Check]:
    """Return the checks of a trial, or one failed check of this name if a command fails."""
    try:
        return trial()
    except OSError as error:
        return [Check(name, False, f"{error.filename or name}: {error.strerror or error}")]
    except CommandError as error:
        return [Check(name, False, str(error))]


def configured_checks(
    machine: Machine, root: Share, address: Optional[str], mount_options: Sequence[str]
) -> List[Check]:
    """Mount the export root by the configured rules, when they admit this machine.

    Args:
        machine: The machine.
        root: The export root.
        address: The machine's own address, which it mounts from; None where it has none yet.
        mount_options: The options that clients mount with.
    """
    reason = _why_not_tried(root, address)
    if reason or address is None:
        return [Check("configured", True, f"not tried: {reason}")]
    return run_trial(
        "configured", lambda: [_try_configured(machine, root, address, mount_options)]
    )


def _why_not_tried(root: Share, address: Optional[str]) -> str:
    if address is None:
        return "the binding nfs has no address yet"
    if not clients.cover([*root.clients, *root.trusted], address):
        return f"this machine ({address}) is not a client; the check exports compares the rules"
    if any(option.startswith("sec=") and "sys" not in option for option in root.options):
        return "sec= needs Kerberos, which this machine may not have as a client"
    return ""


def _try_configured(
    machine: Machine, root: Share, address: str, mount_options: Sequence[str]
) -> Check:
    host = f"[{address}]" if ":" in address else address
    source, is_writable = f"{host}:{root.path}", "ro" not in root.options
    # The directory is made on the server itself, because a client's root may be squashed.
    directory = tempfile.mkdtemp(prefix=f".{PREFIX}", dir=machine.path(root.path))
    try:
        machine.check(["chmod", "0777", directory])
        with _mount(machine, source, mount_options) as (mount_point, problem):
            if problem:
                return Check("configured", False, problem)
            inner = os.path.join(mount_point, os.path.basename(directory))
            write = _try_writing(machine, "nobody", AS_NOBODY, inner)
    finally:
        machine.run(["rmdir", directory])
    if write.ok is not is_writable:
        unexpected = "the user nobody can write, although the share is ro"
        problem = write.message if is_writable else unexpected
        return Check("configured", False, f"{source}: {problem}")
    access = "can write" if is_writable else "cannot write (ro)"
    message = f"{source} is mounted by the configured rules; the user nobody {access}"
    return Check("configured", True, message)


def loopback_checks(machine: Machine, root: Share, mount_options: Sequence[str]) -> List[Check]:
    """Mount the export root from this machine, and write as root and as nobody.

    For this the export root is exported to the loopback address, by rules that are not the
    configured ones. `exportfs -ra` undoes that afterwards.
    """
    return run_trial("mount", lambda: _try_loopback(machine, root, mount_options))


def _try_loopback(machine: Machine, root: Share, mount_options: Sequence[str]) -> List[Check]:
    source = f"{_LOOPBACK}:{root.path}"
    exported = machine.run(["exportfs", "-o", _LOOPBACK_OPTIONS, source])
    if exported.code:
        return [Check("mount", False, f"exportfs: {_last_line(exported.err)}")]
    try:
        with _mount(machine, source, mount_options) as (mount_point, problem):
            if problem:
                return [Check("mount", False, problem)]
            message = (
                f"{source} is mounted from this machine, by this trial's rules"
                f" ({_LOOPBACK_OPTIONS})"
            )
            writes = run_trial("write", lambda: _try_users(machine, mount_point))
            return [Check("mount", True, message), *writes]
    finally:
        machine.run(["exportfs", "-ra"])


@contextmanager
def _mount(
    machine: Machine, source: str, mount_options: Sequence[str]
) -> Iterator[Tuple[str, str]]:
    """Mount a share for the length of a `with` block; yield the mount point and any problem."""
    mount_point = tempfile.mkdtemp(prefix=PREFIX)
    options = ["-o", ",".join(mount_options)] if mount_options else []
    try:
        mount = machine.run(["mount", "-t", "nfs", *options, source, mount_point], timeout=60)
        yield mount_point, f"{source}: {_last_line(mount.err)}" if mount.code else ""
    finally:
        machine.run(["umount", "-l", mount_point])
        # The directory is removed only when it is empty. If it were still mounted, anything else
        # would delete the share's files.
        machine.remove_empty_directory(mount_point)


def _try_users(machine: Machine, mount_point: str) -> List[Check]:
    directory = tempfile.mkdtemp(prefix=f".{PREFIX}", dir=mount_point)
    try:
        machine.check(["chmod", "0777", directory])
        return [
            _try_writing(machine, "root", [], directory),
            _try_writing(machine, "nobody", AS_NOBODY, directory),
        ]
    finally:
        machine.run(["rmdir", directory])


def _try_writing(machine: Machine, user: str, prefix: List[str], directory: str) -> Check:
    write = machine.run([*prefix, "sh", "-c", WRITE_SCRIPT, "sh", directory], timeout=60)
    message = f"a file was written, read and removed as {user}"
    if write.code:
        message = f"no file could be written and read as {user}: {_last_line(write.err)}"
    return Check(f"write-{user}", write.code == 0, message)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
