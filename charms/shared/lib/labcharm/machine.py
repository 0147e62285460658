"""The machine that a unit runs on: files and commands, so that workload code can be tested."""

import contextlib
import os
import subprocess
import tempfile
from typing import Dict, List, NamedTuple, Optional

from labcharm.errors import WaitingError

Result = NamedTuple("Result", [("code", int), ("out", str), ("err", str)])


class CommandError(WaitingError):
    """A command that failed.

    The message holds the name of the command and the last line of its output. It leaves out the
    arguments, because they may carry a secret.

    Attributes:
        command: The program's name, without its path.
        result: Its exit code and output.
    """

    def __init__(self, command: str, result: Result) -> None:
        output = result.err.strip() or result.out.strip() or "no output"
        super().__init__(f"{command} ended with {result.code}: {output.splitlines()[-1]}")
        self.command, self.result = command, result


class Machine:
    """Files below a root folder, and commands.

    Args:
        root: What stands before every path; empty on a real machine.
        environment: What is added to the environment of every command (proxies).
    """

    def __init__(self, root: str = "", environment: Optional[Dict[str, str]] = None) -> None:
        self.root = root.rstrip("/")
        self.environment = dict(environment or {})

    def path(self, path: str) -> str:
        """Return where an absolute path of the machine really is."""
        return self.root + path

    def run(self, command: List[str], timeout: float = 600.0) -> Result:
        """Run a command to its end; a program that is not there gives code 127.

        ``LD_LIBRARY_PATH`` and ``PYTHONPATH`` are the charm's, not the machine's, so they are
        taken out.
        """
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "LD_LIBRARY_PATH")
        }
        environment.update(self.environment)
        environment["LC_ALL"] = "C"
        try:
            done = subprocess.run(  # noqa: S603 - no shell; what is run is the caller's
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=timeout,
                env=environment,
                check=False,
            )
        except FileNotFoundError:
            return Result(127, "", "%s: not found" % command[0])
        except subprocess.TimeoutExpired:
            return Result(124, "", "%s: no end after %.0f s" % (command[0], timeout))
        return Result(
            done.returncode,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
        )

    def check(self, command: List[str], timeout: float = 600.0) -> str:
        """Run a command and return what it prints.

        Raises:
            CommandError: When it ends with another code than 0.
        """
        result = self.run(command, timeout)
        if result.code != 0:
            raise CommandError(os.path.basename(command[0]), result)
        return result.out

    def exists(self, path: str) -> bool:
        """Tell whether a path is there."""
        return os.path.exists(self.path(path))

    def read(self, path: str) -> Optional[str]:
        """Return a file's text; None when it is not there."""
        try:
            with open(self.path(path), encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, path: str, text: str, mode: int = 0o644) -> bool:
        """Write a file, whole or not at all.

        An existing file keeps its mode and owner; a link is followed.

        Returns:
            Whether anything was written: nothing is where the text is there already.
        """
        if self.read(path) == text:
            return False
        real = os.path.realpath(self.path(path))
        folder = os.path.dirname(real)
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".labcharm-", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _take_over(real, temporary, mode)
            os.rename(temporary, real)
        except BaseException:
            os.unlink(temporary)
            raise
        return True

    def remove(self, path: str) -> bool:
        """Remove a file; tell whether there was one."""
        try:
            os.unlink(self.path(path))
        except FileNotFoundError:
            return False
        return True

    def remove_folder(self, path: str) -> None:
        """Remove a folder where it is empty; leave it where it is not, or is not there."""
        with contextlib.suppress(OSError):
            os.rmdir(self.path(path))


def _take_over(real: str, temporary: str, mode: int) -> None:
    try:
        before = os.stat(real)
    except FileNotFoundError:
        os.chmod(temporary, mode)
        return
    os.chmod(temporary, before.st_mode & 0o7777)
    if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
        os.chown(temporary, before.st_uid, before.st_gid)
