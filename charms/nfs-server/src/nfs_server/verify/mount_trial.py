"""The trials of mounting a share from its own server and writing to it."""

import os
import stat
import tempfile
from contextlib import contextmanager
from typing import Callable, Iterator, List, Optional, Sequence, Tuple

from labcharm.errors import error_message
from labcharm.machine import CommandError, Machine
from labcharm.verify import Check
from nfs_server.server import clients
from nfs_server.server.shares import Share

PREFIX = "nfs-verify-"
# Writes one file, reads it and removes it. Its first argument is the directory.
WRITE_SCRIPT = 'set -e; f="$1/file-$$"; echo lab > "$f"; test "$(cat "$f")" = lab; rm "$f"'
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
_LOOPBACK = "127.0.0.1"
# Every client of the loopback address is nobody, and needs a port that only root can take. So the
# trial gives no user and no container of this machine more than it has.
_LOOPBACK_OPTIONS = "rw,sync,no_subtree_check,all_squash"
_NOBODY_ID = 65534


def run_trial(name: str, trial: Callable[[], List[Check]]) -> List[Check]:
    """Return the checks of a trial, or one failed check of this name if a command fails."""
    try:
        return trial()
    except (OSError, CommandError) as error:
        return [Check(name, False, error_message(error))]


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
    trial_directory = _trial_directory(machine, machine.path(root.path))
    mount = _mount(machine, source, mount_options)
    with trial_directory as directory, mount as (mount_point, problem):
        if problem:
            return Check("configured", False, problem)
        inner = os.path.join(mount_point, os.path.basename(directory))
        write = _try_writing(machine, "nobody", AS_NOBODY, inner)
    if write.ok is not is_writable:
        unexpected = "the user nobody can write, although the share is ro"
        problem = write.message if is_writable else unexpected
        return Check("configured", False, f"{source}: {problem}")
    access = "can write" if is_writable else "cannot write (ro)"
    message = f"{source} is mounted by the configured rules; the user nobody {access}"
    return Check("configured", True, message)


def loopback_checks(machine: Machine, root: Share, mount_options: Sequence[str]) -> List[Check]:
    """Mount the export root from this machine, and write as nobody.

    For this the export root is exported to the loopback address, by rules that are not the
    configured ones. `exportfs -ra` undoes that afterwards, also when exportfs fails, because it
    may have changed the kernel's table all the same.
    """
    if not os.path.isdir(machine.path(root.path)):
        return [Check("mount", False, f"{root.path} does not exist")]
    with machine.run_afterwards(["exportfs", "-ra"]):
        return run_trial("mount", lambda: _try_loopback(machine, root, mount_options))


def _try_loopback(machine: Machine, root: Share, mount_options: Sequence[str]) -> List[Check]:
    source = f"{_LOOPBACK}:{root.path}"
    exported = machine.run(["exportfs", "-o", _LOOPBACK_OPTIONS, source])
    if exported.code:
        return [Check("mount", False, f"exportfs: {_last_line(exported.err)}")]
    with _mount(machine, source, mount_options) as (mount_point, problem):
        if problem:
            return [Check("mount", False, problem)]
        message = (
            f"{source} is mounted from this machine, by this trial's rules ({_LOOPBACK_OPTIONS})"
        )
        write = run_trial("write-nobody", lambda: [_write_as_nobody(machine, root, mount_point)])
        return [Check("mount", True, message), *write]


@contextmanager
def _mount(
    machine: Machine, source: str, mount_options: Sequence[str]
) -> Iterator[Tuple[str, str]]:
    """Mount a share for the length of a `with` block; yield the mount point and any problem."""
    mount_point = tempfile.mkdtemp(prefix=PREFIX)
    options = ["-o", ",".join(mount_options)] if mount_options else []
    try:
        with machine.run_afterwards(["umount", "-l", mount_point]):
            mount = machine.run(["mount", "-t", "nfs", *options, source, mount_point], timeout=60)
            yield mount_point, f"{source}: {_last_line(mount.err)}" if mount.code else ""
    finally:
        # The directory is removed only when it is empty. If it were still mounted, anything else
        # would delete the share's files.
        machine.remove_empty_directory(mount_point)


def _write_as_nobody(machine: Machine, root: Share, mount_point: str) -> Check:
    real = machine.path(root.path)
    if not _admits_nobody(os.stat(real)):
        return Check(
            "write-nobody", True, f"not tried: the mode of {root.path} keeps the user nobody out"
        )
    with _trial_directory(machine, real) as directory:
        inner = os.path.join(mount_point, os.path.basename(directory))
        return _try_writing(machine, "nobody", AS_NOBODY, inner)


def _admits_nobody(status: os.stat_result) -> bool:
    """Return whether the user nobody may enter a directory."""
    if status.st_uid == _NOBODY_ID:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == _NOBODY_ID:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


@contextmanager
def _trial_directory(machine: Machine, parent: str) -> Iterator[str]:
    """Make a directory that any user may write to, for the length of a `with` block.

    It is made on the server itself, because a client's root may be squashed.
    """
    directory = tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent)
    with machine.run_afterwards(["rmdir", directory]):
        machine.check(["chmod", "0777", directory])
        yield directory


def _try_writing(machine: Machine, user: str, prefix: List[str], directory: str) -> Check:
    write = machine.run([*prefix, "sh", "-c", WRITE_SCRIPT, "sh", directory], timeout=60)
    message = f"a file was written, read and removed as {user}"
    if write.code:
        message = f"no file could be written and read as {user}: {_last_line(write.err)}"
    return Check(f"write-{user}", write.code == 0, message)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
