"""A fake machine on which the process is killed before one of its effects."""

from __future__ import annotations

from helpers.fake_machine import FakeMachine
from labcharm.machine import CommandResult

# Commands that only ask.
_QUESTIONS = (
    "systemctl show", "apt-cache", "dpkg-query", "dpkg --print", "apt-mark showhold", "nvidia-smi",
    "nv-fabricmanager", "uname", "modinfo", "dmesg", "mokutil", "docker info", "journalctl",
    "ubuntu-drivers",
)  # fmt: skip


class Killed(BaseException):
    """The process was killed; no `except` of the charm may catch this."""


class DyingMachine(FakeMachine):
    """A machine that counts the effects of a process and kills it before one of them.

    That is also the moment after the effect before it.

    Attributes:
        effects: The effects so far, as texts.
        last: The number of the effect before which the process dies; 0 for none.
    """

    effects: list[str]
    last = 0
    _is_busy = False

    def expect(self, last: int = 0) -> None:
        """Start a process that dies before an effect, or at none."""
        self.effects, self.last = [], last

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Run a command; one that does more than ask is an effect."""
        words = command[2:] if command[0] == "env" else command
        text = " ".join(words)
        if text.startswith(_QUESTIONS):
            return super().run(command, timeout)
        self._begin(text)
        was_busy, self._is_busy = self._is_busy, True
        try:
            return super().run(command, timeout)
        finally:
            self._is_busy = was_busy

    def write(self, path: str, text: str, mode: int = 0o644) -> bool:
        """Write a file; a change by the charm itself is an effect."""
        if self._is_busy or self.read(path) == text:
            return super().write(path, text, mode)
        self._begin(f"write {path}")
        return super().write(path, text, mode)

    def remove(self, path: str) -> bool:
        """Remove a file; a change by the charm itself is an effect."""
        if self._is_busy or not self.exists(path):
            return super().remove(path)
        self._begin(f"remove {path}")
        return super().remove(path)

    def _begin(self, text: str) -> None:
        self.effects.append(text)
        if len(self.effects) == self.last:
            raise Killed(text)
