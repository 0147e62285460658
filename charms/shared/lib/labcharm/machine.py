"""The machine that a unit runs on: its files and commands.

Workload code gets a Machine passed in, so that tests can replace the root directory and the
commands.
"""

import contextlib
import os
import subprocess
import tempfile
from typing import Dict, Iterator, List, NamedTuple, Optional

from labcharm.errors import WaitingError
from labcharm.processes import is_stale, own_mark
from labcharm.proxies import DIRECT, VARIABLES, ProxySettings

# Waits until its input ends. Without a line on it, the process that wrote to it was killed.
_TEMPORARY = ".labcharm-"
_RUN_IF_KILLED = 'trap "" HUP INT TERM; read -r _ || exec "$@"'


class CommandResult(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


class CommandError(WaitingError):
    """A command that failed.

    The message holds the name of the command and the last line of its output. It leaves out the
    arguments, because they may carry a secret.

    Attributes:
        command: The program's name, without its path.
        result: Its exit code and output.
    """

    def __init__(self, command: str, result: CommandResult) -> None:
        output = result.err.strip() or result.out.strip() or "no output"
        super().__init__(f"{command} ended with {result.code}: {output.splitlines()[-1]}")
        self.command, self.result = command, result


class Machine:
    """Files below a root directory, and commands.

    Args:
        root: The directory that stands for `/`; empty on a real machine.
        environment: Variables that are added to the environment of every command.
        proxies: The model's proxy settings. Commands get these, and no others.
    """

    def __init__(
        self,
        root: str = "",
        environment: Optional[Dict[str, str]] = None,
        proxies: ProxySettings = DIRECT,
    ) -> None:
        self.root = root.rstrip("/")
        self.environment = dict(environment or {})
        self.proxies = proxies

    def path(self, path: str) -> str:
        """Return the real path of an absolute path of the machine."""
        return self.root + path

    def run(self, command: List[str], timeout: float = 600.0) -> CommandResult:
        """Run a command to its end.

        A program that does not exist has exit code 127, and one that cannot be executed 126, as
        in a shell; one that does not end in time has 124, as with timeout(1).

        Args:
            command: The program and its arguments; no shell is involved.
            timeout: How many seconds the command may take.
        """
        try:
            process = subprocess.run(  # noqa: S603 - no shell; the caller chooses the command
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=timeout,
                env=self._environment(),
                check=False,
            )
        except FileNotFoundError:
            return CommandResult(127, "", f"{command[0]}: not found")
        except OSError as error:  # no permission, another architecture, a directory
            return CommandResult(126, "", f"{command[0]}: {error.strerror}")
        except subprocess.TimeoutExpired:
            return CommandResult(124, "", f"{command[0]}: did not end within {timeout:.0f} s")
        return CommandResult(
            process.returncode,
            process.stdout.decode("utf-8", "replace"),
            process.stderr.decode("utf-8", "replace"),
        )

    def _environment(self) -> Dict[str, str]:
        """Return the environment of commands.

        ``LD_LIBRARY_PATH`` and ``PYTHONPATH`` are left out: they are the charm's, not the
        machine's.
        """
        left_out = ("PYTHONPATH", "LD_LIBRARY_PATH", *VARIABLES)
        environment = {key: text for key, text in os.environ.items() if key not in left_out}
        environment.update(self.proxies.environment())
        environment.update(self.environment)
        environment["LC_ALL"] = "C"
        return environment

    def check(self, command: List[str], timeout: float = 600.0) -> str:
        """Run a command and return its standard output.

        Raises:
            CommandError: When its exit code is not 0.
        """
        result = self.run(command, timeout)
        if result.code != 0:
            raise CommandError(_program(command), result)
        return result.out

    @contextlib.contextmanager
    def run_afterwards(self, command: List[str]) -> Iterator[None]:
        """Run a command after a `with` block, also when this process is killed in the block.

        A process of its own session runs the command in that case.

        Args:
            command: The program and its arguments. Its exit code is ignored.
        """
        guard = subprocess.Popen(  # noqa: S603 - no shell text; the caller chooses the command
            ["sh", "-c", _RUN_IF_KILLED, "sh", *command],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            start_new_session=True,
        )
        try:
            yield
        finally:
            self.run(command)
            guard.communicate(b"\n")

    def exists(self, path: str) -> bool:
        """Return whether a path exists."""
        return os.path.exists(self.path(path))

    def read(self, path: str) -> Optional[str]:
        """Return the text of a file; None when the file does not exist."""
        try:
            with open(self.path(path), encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, path: str, text: str, mode: int = 0o644) -> bool:
        """Write a file, completely or not at all, and create its directory.

        An existing file keeps its mode and owner; a link is followed. Temporary files that a
        killed process left beside the file are removed, because they may hold a secret.

        Args:
            path: The file's path.
            text: Its whole content.
            mode: The mode of a file that did not exist before.

        Returns:
            Whether the file was written: a file that has this text already is not touched.
        """
        real = os.path.realpath(self.path(path))
        directory = os.path.dirname(real)
        _remove_stale_files(directory)
        if self.read(path) == text:
            return False
        os.makedirs(directory, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY + own_mark(), dir=directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _copy_mode_and_owner(real, temporary, mode)
            os.rename(temporary, real)
        except BaseException:
            os.unlink(temporary)
            raise
        return True

    def remove(self, path: str) -> bool:
        """Remove a file, and what a killed process left beside it; return whether it existed."""
        _remove_stale_files(os.path.dirname(self.path(path)))
        try:
            os.unlink(self.path(path))
        except FileNotFoundError:
            return False
        return True

    def remove_stale_files(self, directory: str) -> None:
        """Remove temporary files that killed processes left in a directory of `write`."""
        _remove_stale_files(self.path(directory))

    def remove_empty_directory(self, path: str) -> None:
        """Remove a directory if it exists and is empty."""
        with contextlib.suppress(OSError):
            os.rmdir(self.path(path))


def _program(command: List[str]) -> str:
    """Return the name of the program that a command runs, also behind `env NAME=VALUE`."""
    words = command
    if command[0] == "env":
        words = [word for word in command[1:] if "=" not in word] or command
    return os.path.basename(words[0])


def _remove_stale_files(directory: str) -> None:
    """Remove temporary files of killed processes; those that write now keep theirs."""
    for name in os.listdir(directory) if os.path.isdir(directory) else []:
        if name.startswith(_TEMPORARY) and is_stale(name[len(_TEMPORARY) :]):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(directory, name))


def _copy_mode_and_owner(existing: str, temporary: str, mode: int) -> None:
    """Give a new file the mode and owner of the file that it replaces, or else this mode."""
    try:
        status = os.stat(existing)
    except FileNotFoundError:
        os.chmod(temporary, mode)
        return
    os.chmod(temporary, status.st_mode & 0o7777)
    if (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        os.chown(temporary, status.st_uid, status.st_gid)
