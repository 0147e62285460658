"""Errors of the live layer. Each is a BotlabError, so the command line prints it in one line."""

from __future__ import annotations

from ..errors import BotlabError


class LiveError(BotlabError):
    """A controller, a model or a unit that cannot be used as asked."""


class ClientMissingError(LiveError):
    """No program or library that could talk to a controller is installed."""


class UnreachableError(LiveError):
    """The controller does not answer. Waiting commands try again until their deadline."""


class LoginError(LiveError):
    """The controller refuses the login, or asks for a password."""


class ControllerMissingError(LiveError):
    """The client knows no such controller, or has none selected."""


class ModelMissingError(LiveError):
    """The controller has no model of this name, or the user may not see it.

    Args:
        model: The name of the model.
        message: One sentence that says what is wrong, and how to fix it.
    """

    def __init__(self, model: str, message: str) -> None:
        super().__init__(message)
        self.model = model


class UnsupportedError(LiveError):
    """The backend or the Juju release cannot do what was asked."""


class CallTimedOutError(LiveError):
    """A single call to Juju took longer than its time limit.

    Args:
        call: The call, such as ``juju status``.
        seconds: The time limit.
    """

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(
            f"{call}: no answer within {seconds:g} seconds; check that the controller is up"
            " (juju show-controller) and repeat the command"
        )
        self.call = call
        self.seconds = seconds


class CommandFailedError(LiveError):
    """Juju refused a command.

    Args:
        call: The command, with secrets left out.
        status: Its exit status.
        output: What it printed on standard error.
    """

    def __init__(self, call: str, status: int, output: str) -> None:
        reason = " ".join(output.split()) or f"exit status {status}, without a message"
        super().__init__(f"{call}: {reason}")
        self.call = call
        self.status = status
        self.output = output


class DeadlineError(LiveError):
    """The time that the user allowed with ``--timeout`` is over."""

    exit_status = 3
