"""How a command of the scripted client ends without success."""

from __future__ import annotations


class CommandError(Exception):
    """A command that ends with an error, in the words of the real client.

    Attributes:
        message: The text after ``ERROR``.
        code: The exit status.
        violation: The rule of the notes that the call broke; empty when the call is legitimate and
            only the state of the model makes it fail.
    """

    def __init__(self, message: str, code: int = 1, violation: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.violation = violation


def usage_error(message: str, violation: str = "") -> CommandError:
    """Return the error of wrong usage, which the real client reports with exit status 2.

    Args:
        message: The text after ``ERROR``.
        violation: The broken rule; the message if it is not stated.
    """
    return CommandError(message, 2, violation or message)


def not_found(kind: str, name: str) -> CommandError:
    """Return the error of an object that the model does not have."""
    return CommandError(f'{kind} "{name}" not found')
