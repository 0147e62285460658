"""The exports of a machine: the application's file, and the kernel's table."""

import re
import shlex
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.paths import is_within
from labkube.apply.objects import Comparison
from nfs_server.errors import ForeignExportsError
from nfs_server.server.clients import is_host_name
from nfs_server.server.export_table import (
    Entry,
    Hosts,
    Table,
    compare_tables,
    desired_table,
    parse_table,
    render,
    replace_names,
)
from nfs_server.server.foreign_exports import DIRECTORY, MAIN_FILE, ForeignExports, directory_of
from nfs_server.server.resolver import resolve
from nfs_server.server.shares import Share

_NO_MAIN_FILE = f"can't open {MAIN_FILE} for reading"
_TRIAL_FILE = "/var/lib/nfs-server-charm/exports.trial"
# Lets exportfs judge the new text alone. It changes neither the kernel's table nor the machine's
# files, because tmpfs and /dev/null are mounted over them in a mount namespace that ends with the
# shell.
_TRIAL = """\
set -e
mount -t tmpfs tmpfs /var/lib/nfs
text=$(cat %s; echo .)
mkdir -p /etc/exports.d
mount -t tmpfs tmpfs /etc/exports.d
[ ! -e /etc/exports ] || mount --bind /dev/null /etc/exports
printf '%%s' "${text%%.}" > /etc/exports.d/trial.exports
exec exportfs -ra
"""


class Exports:
    """The exports of an application on a machine.

    Args:
        machine: The machine.
        application: The application, which names the file.
    """

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self._application = application
        self._hosts: Dict[str, Tuple[str, ...]] = {}
        self.path = f"{DIRECTORY}/{application}.exports"
        self.foreign = ForeignExports(machine, self.path)

    def kernel_table(self) -> Table:
        """Return what the kernel exports now.

        Raises:
            CommandError: When exportfs fails.
        """
        return parse_table(self._machine.check(["exportfs", "-s"]))

    def directories(self) -> List[str]:
        """Return the directories in the application's file."""
        text = self._machine.read(self.path) or ""
        return sorted({directory_of(line) for line in text.splitlines()} - {""})

    def compare(self, shares: Sequence[Share]) -> Comparison:
        """Compare shares with what the kernel exports."""
        directories = {share.path for share in shares} | set(self.directories())
        desired, observed = self._desired(shares), self.kernel_table()
        hosts = self._resolve(entry for entry in observed if entry[0] in directories)
        return compare_tables(desired, observed, directories, hosts)

    def _desired(self, shares: Sequence[Share]) -> Table:
        table = desired_table(shares)
        return replace_names(table, self._resolve(table))

    def _resolve(self, entries: Iterable[Entry]) -> Hosts:
        """Return the addresses of host names among clients; each name is looked up once."""
        names = {client for _, client in entries if is_host_name(client)}
        self._hosts.update(resolve(self._machine, names - set(self._hosts)))
        return self._hosts

    def apply(self, shares: Sequence[Share], adopt: bool) -> bool:
        """Export these shares and no others of this application.

        exportfs tries the new text before any file is written. When the kernel's table differs
        from the desired one afterwards, the previous files are restored.

        Args:
            shares: What to export.
            adopt: Whether foreign lines for these directories are taken over.

        Returns:
            Whether anything was changed.

        Raises:
            ForeignExportsError: When other files export these directories, without `adopt`.
            BlockedError: When exportfs refuses the exports.
        """
        text = render(self._desired(shares), self._application)
        directories = {share.path for share in shares}
        foreign = self.foreign.find(directories)
        if foreign and not adopt:
            raise ForeignExportsError([str(line) for line in foreign])
        if not foreign and self._machine.read(self.path) == text and self._is_exported(shares):
            return False
        self._try(text)
        files = sorted({line.path for line in foreign})
        previous = {path: self._machine.read(path) for path in [self.path, *files]}
        self._machine.write(self.path, text)
        self.foreign.comment_out(directories, files)
        answer = self._machine.run(["exportfs", "-ra"])
        if not self._is_exported(shares):
            self._write_back(previous)
            reason = _message_of(answer.err or "the kernel's table differs from the file")
            raise BlockedError(f"exportfs -ra: {reason}")
        return True

    def _is_exported(self, shares: Sequence[Share]) -> bool:
        comparison = self.compare(shares)
        return not (comparison.changed or comparison.missing or comparison.extra)

    def _write_back(self, previous: Mapping[str, Optional[str]]) -> None:
        for path, text in previous.items():
            if text is not None:
                self._machine.write(path, text)
            else:
                self._machine.remove(path)
        self._machine.run(["exportfs", "-ra"])

    def _try(self, text: str) -> None:
        """Let exportfs judge the text; any message is a refusal, whatever the exit code is."""
        self._machine.write(_TRIAL_FILE, text)
        script = _TRIAL % shlex.quote(self._machine.path(_TRIAL_FILE))
        namespace = ["unshare", "--mount", "--propagation", "private"]
        try:
            answer = self._machine.run([*namespace, "sh", "-c", script], timeout=120)
        finally:
            self._machine.remove(_TRIAL_FILE)
        lines = [line for line in answer.err.splitlines() if _NO_MAIN_FILE not in line]
        messages = "\n".join(lines)
        # A missing main file has nothing to do with the text: its message and exit code are
        # ignored.
        failed = bool(answer.code) and _NO_MAIN_FILE not in answer.err
        if failed or messages.strip():
            raise BlockedError(f"exportfs refuses: {_message_of(messages or answer.out)}")

    def withdraw(self, directory: str) -> bool:
        """Stop exporting a directory and everything in it; foreign lines stay as they are.

        Returns:
            Whether the application's file exported any of it.
        """
        lines = (self._machine.read(self.path) or "").splitlines(True)
        remaining = [line for line in lines if not is_within(directory_of(line), directory)]
        if remaining == lines:
            return False
        self._machine.write(self.path, "".join(remaining))
        self._machine.run(["exportfs", "-ra"])
        return True

    def remove(self) -> bool:
        """Remove the application's file, restore foreign lines, and export what remains.

        Returns:
            Whether there was anything to remove or restore.
        """
        is_restored = self.foreign.restore()
        if not self._machine.remove(self.path) and not is_restored:
            return False
        self._machine.run(["exportfs", "-ra"])
        self._machine.remove_empty_directory(DIRECTORY)  # removed only if it is empty
        return True


def _message_of(text: str) -> str:
    lines = [re.sub(r"^exportfs: ", "", line.strip()) for line in text.splitlines()]
    message = "; ".join(line for line in lines if line)
    return re.sub(r"\S*trial\.exports(?::| \[)(\d+)\]?:", r"line \1:", message)[:300]
