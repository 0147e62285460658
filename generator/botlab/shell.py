"""Commands for people to run, built from their arguments and quoted for the shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence

from .visible_text import visible


def command_line(*arguments: str) -> str:
    """Return a command in one line, with its arguments quoted where the shell needs it."""
    return " ".join(quote(argument) for argument in arguments)


def repeated(option: str, values: Iterable[str]) -> list[str]:
    """Return the words of an option that stands before each of some values."""
    return [word for value in values for word in (option, value)]


def juju_command(verb: str, *operands: str, options: Sequence[str] = ()) -> str:
    """Return a command of Juju in one line.

    An operand that begins with ``-`` would be an option. Then ``--``, after which Juju's parser
    (juju/gnuflag) expects operands only, precedes all operands.

    Args:
        verb: The name of the command, such as ``config``.
        operands: The arguments besides the options.
        options: The options and their arguments. They are printed after the operands.
    """
    if any(operand.startswith("-") for operand in operands):
        return command_line("juju", verb, *options, "--", *operands)
    return command_line("juju", verb, *operands, *options)


def quote(argument: str) -> str:
    r"""Quote an argument for the shell, without a line break or another unprintable character.

    Such characters are written as escapes between ``$'`` and ``'``, as bash and zsh read them:
    ``$'a\nb'``.
    """
    if argument.isprintable():
        return shlex.quote(argument)
    return f"$'{''.join(map(_escape, argument))}'"


def _escape(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if "\x80" <= char <= "\xff":  # the escape "\\x85" would be a byte, and not the character
        return char if char.isprintable() else f"\\u{ord(char):04x}"
    return visible(char)


def file_operand(path: str) -> str:
    """Return the path of a file or directory so that no command takes it for an option."""
    return f"./{path}" if path.startswith("-") else path


def charms_command(directory: str | os.PathLike[str], architecture: str = "") -> str:
    """Return the command that writes the archives of this project's charms to a directory.

    Args:
        directory: The directory.
        architecture: The only architecture; empty for all.
    """
    options = ["--arch", architecture] if architecture else []
    return command_line("botlab", "charms", file_operand(os.fspath(directory)), *options)
