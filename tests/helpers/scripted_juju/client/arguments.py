"""Arguments of a call, read as Juju's own library (gnuflag) reads them, with its error texts."""

from __future__ import annotations

from typing import NamedTuple

from .command_table import Command, command_names, find_command, unscripted_names
from .errors import CommandError, usage_error
from .generations import Generation

_SHORT = {"o": "output", "m": "model", "c": "controller", "n": "num-units", "u": "unit"}
_GLOBAL = ("--debug", "--show-log", "--quiet", "--verbose", "-q", "-v")


class Arguments(NamedTuple):
    """The parsed arguments of a call.

    Attributes:
        command: The command's name; never an alias.
        word: The word that the caller wrote.
        options: The values of each option; an option without a value has an empty text.
        words: The arguments that are not options.
    """

    command: str
    word: str
    options: dict[str, list[str]]
    words: list[str]

    def has(self, *names: str) -> bool:
        """Return whether one of these options is set."""
        return any(self.options.get(name, ["false"])[-1] != "false" for name in names)

    def value(self, name: str, default: str = "") -> str:
        """Return the last value of an option."""
        values = self.options.get(name)
        return values[-1] if values else default

    def values(self, *names: str) -> list[str]:
        """Return all values of some options; lists separated by commas are taken apart."""
        texts = [text for name in names for text in self.options.get(name, [])]
        return [part for text in texts for part in text.split(",") if part]


def assignments(words: list[str]) -> dict[str, str]:
    """Return the words of the form ``KEY=VALUE`` as a mapping; other words are left out."""
    pairs = (word.partition("=") for word in words if "=" in word)
    return {key: value for key, _, value in pairs}


def parse(generation: Generation, argv: list[str]) -> Arguments:
    """Parse the arguments of a call.

    Args:
        generation: The release.
        argv: The arguments without the program's name.

    Raises:
        CommandError: This release does not have such a command or option.
    """
    rest = list(argv)
    while rest and rest[0] in _GLOBAL:
        rest.pop(0)
    if rest and rest[0].startswith("-") and rest[0] != "--version":
        raise usage_error(f"option provided but not defined: {rest[0]}")
    word = rest.pop(0) if rest else "help"
    word = "version" if word == "--version" else word
    command = find_command(generation, word)
    if command is None:
        raise _unknown_command(generation, word)
    options, words = _parse_rest(command, rest)
    return Arguments(command.name, word, options, words)


def _unknown_command(generation: Generation, word: str) -> CommandError:
    violation = f"Juju {generation.name} has no command {word}"
    if generation.name == "2.6":
        return CommandError(f"unrecognized command: juju {word}", 1, violation)
    unscripted = unscripted_names(generation)
    if word in unscripted:
        return CommandError(f"scripted juju: {word} is not scripted", 1, f"{word} is not scripted")
    names = [*command_names(generation), *unscripted]
    closest = min(names, key=lambda name: (_distance(word, name), name))
    if _distance(word, closest) > len(closest):
        return CommandError(f"unrecognized command: juju {word}", 1, violation)
    message = (
        f'juju: "{word}" is not a juju command. See "juju --help".\n\nDid you mean:\n\t{closest}'
    )
    return CommandError(message, 1, violation)


def _distance(word: str, name: str) -> int:
    """Return the Levenshtein distance, by which the client picks the command that it suggests."""
    row = list(range(len(word) + 1))
    for i, letter in enumerate(name, 1):
        diagonal, row[0] = row[0], i
        for j, own in enumerate(word, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, diagonal + (own != letter))
            diagonal, row[j] = row[j], cost
    return row[-1]


def _parse_rest(command: Command, rest: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    options: dict[str, list[str]] = {}
    words: list[str] = []
    while rest:
        text = rest.pop(0)
        if text == "--":
            return options, words + rest
        if text == "-" or not text.startswith("-"):
            words.append(text)
            if not command.is_interspersed:
                return options, words + rest
        else:
            for name, value in _options(command, text, rest):
                options.setdefault(_SHORT.get(name, name), []).append(value)
    return options, words


def _options(command: Command, text: str, rest: list[str]) -> list[tuple[str, str]]:
    if text.startswith("--"):
        name, equals, value = text[2:].partition("=")
        return [(name, _value(command, name, f"--{name}", value if equals else None, rest))]
    if len(text) > 2 and command.flags.get(text[1]) == "no":
        return [(letter, _value(command, letter, f"-{letter}", None, rest)) for letter in text[1:]]
    attached = text[2:].lstrip("=") or None
    return [(text[1], _value(command, text[1], text[:2], attached, rest))]


def _value(command: Command, name: str, flag: str, value: str | None, rest: list[str]) -> str:
    kind = command.flags.get(name)
    if kind is None:
        raise usage_error(
            f"option provided but not defined: {flag}",
            f"{command.name} has no option {flag}",
        )
    if value is not None or kind in ("no", "optional"):
        return value or ""
    if not rest:
        raise usage_error(f"option needs an argument: {flag}")
    return rest.pop(0)
