"""Failures of the client that a test switches on, for one command or for all."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from typing import Any

from .client.store import JsonObject

# Juju's own texts: api/apiclient.go, apiserver/errors/errors.go, rpc/client.go, cmd/modelcmd.
NOT_LOGGED_IN = "not logged in"
BAD_CREDENTIALS = "invalid entity name or password"
CONNECTION_REFUSED = (
    "unable to connect to API: dial tcp 192.0.2.5:17070: connect: connection refused"
)
CONNECTION_SHUT_DOWN = "connection is shut down"


@dataclass(frozen=True)
class Fault:
    """A failure. The class methods make one; the other methods say which calls it meets.

    Attributes:
        command: The command, or a pattern such as ``*``.
        kind: What happens.
        details: The parameters of the kind.
        arguments: Words that a call must have to meet the failure.
        after: The number of calls that do not meet it yet.
        times: The number of calls that meet it; None for all that follow.
        is_applied: Whether the command changes the model before it fails.
    """

    command: str
    kind: str
    details: JsonObject = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    after: int = 0
    times: int | None = None
    is_applied: bool = False

    def after_calls(self, count: int) -> Fault:
        """Let some calls pass first."""
        return replace(self, after=count)

    def for_calls(self, count: int) -> Fault:
        """Let only some calls meet the failure."""
        return replace(self, times=count)

    def only_with(self, *words: str) -> Fault:
        """Let only calls meet the failure that have these words."""
        return replace(self, arguments=words)

    def after_effect(self) -> Fault:
        """Let the command change the model before it fails."""
        return replace(self, is_applied=True)

    def document(self) -> JsonObject:
        """Return the failure as the state keeps it."""
        return {
            "command": self.command,
            "kind": self.kind,
            "arguments": list(self.arguments),
            "after": self.after,
            "times": self.times,
            "is_applied": self.is_applied,
            "calls": 0,
            **self.details,
        }

    @classmethod
    def slow(cls, command: str, seconds: float) -> Fault:
        """Answer after some seconds."""
        return cls(command, "slow", {"seconds": seconds}, is_applied=True)

    @classmethod
    def hang(
        cls,
        command: str,
        *,
        ignores_sigterm: bool = False,
        has_child: bool = False,
        is_child_detached: bool = False,
        limit: float = 120.0,
    ) -> Fault:
        """Never answer.

        Args:
            command: The command.
            ignores_sigterm: Whether only SIGKILL ends the process, and its child.
            has_child: Whether a child process holds standard output and standard error open.
            is_child_detached: Whether the child leaves the process group and the session.
            limit: After so many seconds the processes end, to protect the machine.
        """
        details = {
            "ignores_sigterm": ignores_sigterm,
            "has_child": has_child,
            "is_child_detached": is_child_detached,
            "limit": limit,
        }
        return cls(command, "hang", details)

    @classmethod
    def error(cls, command: str, message: str, code: int = 1) -> Fault:
        """End with one of Juju's errors."""
        return cls.answer(command, stdout="", stderr=f"ERROR {message}\n", code=code)

    @classmethod
    def not_logged_in(cls, command: str = "*") -> Fault:
        """End as a client whose user is logged out."""
        return cls.error(command, NOT_LOGGED_IN)

    @classmethod
    def bad_credentials(cls, command: str = "*") -> Fault:
        """End as a client whose login has expired or whose password was changed."""
        return cls.error(command, BAD_CREDENTIALS)

    @classmethod
    def connection_refused(cls, command: str = "*") -> Fault:
        """End as a client whose controller does not listen."""
        return cls.error(command, CONNECTION_REFUSED)

    @classmethod
    def connection_lost(cls, command: str = "*") -> Fault:
        """End as a client whose connection breaks during the call."""
        return cls.error(command, CONNECTION_SHUT_DOWN)

    @classmethod
    def answer(
        cls,
        command: str,
        *,
        stdout: str | None = None,
        stderr: str | None = None,
        code: int | None = None,
    ) -> Fault:
        """Answer with this instead of the real answer; what is None stays."""
        return cls(command, "answer", {"stdout": stdout, "stderr": stderr, "code": code})

    @classmethod
    def half_written(cls, command: str, share: float = 0.5, code: int = 0) -> Fault:
        """Print only a part of the answer."""
        return cls(command, "half_written", {"share": share, "code": code}, is_applied=True)

    @classmethod
    def unknown_fields(cls, command: str = "*") -> Fault:
        """Add fields to the objects of the JSON answer that no release has."""
        return cls(command, "unknown_fields", is_applied=True)

    @classmethod
    def long_output(cls, command: str, size: int = 5_000_000) -> Fault:
        """Print many bytes on both streams; the JSON stays valid after blanks."""
        return cls(command, "long_output", {"size": size}, is_applied=True)

    @classmethod
    def stderr_noise(cls, command: str, noise: bytes = b"\xff\xfe\x00garbage\x1b[31m\n") -> Fault:
        """Print bytes on standard error that are not text."""
        return cls(command, "stderr_noise", {"noise": noise.hex()}, is_applied=True)

    @classmethod
    def exit_code(cls, command: str, code: int) -> Fault:
        """Print the real answer, but end with another exit status."""
        return cls(command, "exit_code", {"code": code}, is_applied=True)

    @classmethod
    def killed(cls, command: str, number: int = signal.SIGKILL) -> Fault:
        """Print the real answer, then die by a signal."""
        return cls(command, "killed", {"signal": int(number)}, is_applied=True)

    @classmethod
    def of(cls, command: str, kind: str, **details: Any) -> Fault:
        """Return a failure of any kind from its parameters."""
        return cls(command, kind, details)
