"""The arguments of the Python library: checked, and converted to the types of the packages below.

A program that passes a value of a wrong type gets the same exception as for input that cannot be
read, with the name of the argument, and never a result for another site.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from .errors import BotlabError
from .juju import Juju

# A path, as the functions of Python's library accept it.
AnyPath = str | os.PathLike[str]


def path_of(name: str, value: object) -> Path:
    """Return a path.

    Args:
        name: The name of the argument, for the error.
        value: Its value.

    Raises:
        BotlabError: When it is not a path, is empty, or cannot be the name of a file.
    """
    text = os.fspath(cast("AnyPath", value)) if _is_path(value) else None
    if not isinstance(text, str):
        raise _wrong(name, value, "a path, which is a str or a pathlib.Path")
    if not text or not _is_possible(text):
        problem = f"{text!r} is not the name of a file" if text else "is empty"
        raise BotlabError(f"{name}: {problem}; write the path of a file or a directory")
    return Path(text)


def _is_possible(text: str) -> bool:
    """Return whether the system can have a file of a name."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def paths_of(name: str, value: object) -> list[Path]:
    """Return a list of paths. A path alone is a list of one.

    Args:
        name: The name of the argument, for the error.
        value: Its value.

    Raises:
        BotlabError: When it is neither a path nor paths.
    """
    if _is_path(value):
        return [path_of(name, value)]
    if isinstance(value, bytes | bytearray) or not isinstance(value, Iterable):
        raise _wrong(name, value, "a list of paths, such as ['layer.yaml']")
    entries = cast("Iterable[object]", value)
    return [path_of(f"{name}[{index}]", entry) for index, entry in enumerate(entries)]


def _is_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


def juju_of(name: str, value: object) -> str:
    """Return a Juju release as text; empty for the site's own.

    Args:
        name: The name of the argument, for the error.
        value: Its value.

    Raises:
        BotlabError: When it is neither a text nor a release.
    """
    if isinstance(value, Juju):
        return value.value
    if not isinstance(value, str):
        raise _wrong(name, value, "a release, such as '3.6' in quotes or Juju.V3_6")
    return value


def text_of(name: str, value: object, example: str) -> str:
    """Return a text.

    Args:
        name: The name of the argument, for the error.
        value: Its value.
        example: A right value.

    Raises:
        BotlabError: When it is not a text.
    """
    if not isinstance(value, str):
        raise _wrong(name, value, f"a text, such as {example!r}")
    return value


def flag_of(name: str, value: object) -> bool:
    """Return a boolean. A text such as ``"no"`` would be true in Python.

    Args:
        name: The name of the argument, for the error.
        value: Its value.

    Raises:
        BotlabError: When it is not a boolean.
    """
    if not isinstance(value, bool):
        raise _wrong(name, value, "True or False")
    return value


def wrong_lab(value: object) -> BotlabError:
    """Return the error for a value in the place of a lab."""
    return _wrong("lab", value, "a Lab; read the site with load_site(FILE) first")


def _wrong(name: str, value: object, expected: str) -> BotlabError:
    kind = type(value).__name__
    return BotlabError(f"{name}: {reprlib.repr(value)} ({kind}) is not valid; pass {expected}")
