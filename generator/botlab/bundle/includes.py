"""Include directives: values that Juju's client reads from files (juju/charm overlay.go)."""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ..findings import KeyPath
from ..text_files import read_bytes
from .go_path import join_path
from .go_text import quote
from .model import Bundle

FILE = "include-file://"
BASE64 = "include-base64://"

# A mapping with values that may be directives, its key path, and the functions that make Juju's
# name of a value from its quoted key.
_Values = tuple[dict[str, Any], KeyPath, Callable[[str], str]]


class Include(NamedTuple):
    """The file that a value was read from.

    Attributes:
        file: The path of the file, with the directory that its relative path starts at.
        is_absolute: Whether the directive names an absolute path.
        is_base64: Whether the value is the content encoded in base64.
        content: The value.
    """

    file: str
    is_absolute: bool
    is_base64: bool
    content: str


# The files by the key paths of the values, in the order in which they are read. Juju's client
# reads a file also if a later overlay replaces its value, so a deployment needs all of them.
Includes = Mapping[KeyPath, Sequence[Include]]


class IncludeError(Exception):
    """A file that cannot be included.

    The message is Juju's own. The attribute ``path`` is the key path of the value.
    """

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


def resolve_includes(bundle: Bundle, directory: str, files: dict[KeyPath, list[Include]]) -> None:
    """Replace the include directives of a bundle with the content of their files.

    Args:
        bundle: The bundle, which is changed: options and annotations of applications, and
            annotations of machines.
        directory: Where relative paths start.
        files: The files that were read, to which those of the bundle are added.

    Raises:
        IncludeError: At the first file that cannot be read, as Juju does.
        BotlabError: When a file is not a regular file, or is too large for botlab.
    """
    for values, path, value_name in _included_values(bundle):
        for key, value in values.items():
            if isinstance(value, str) and value.startswith((FILE, BASE64)):
                try:
                    values[key] = content = _read_include(value, directory)
                except OSError as error:
                    file = value.partition("://")[2]
                    reason = f"resolving include {quote(file)}: {_reason(error, file, directory)}"
                    message = f"{value_name(quote(key))}: {reason}"
                    raise IncludeError(message, (*path, key)) from None
                include = _include(value, directory, content)
                files.setdefault((*path, key), []).append(include)


def _include(value: str, directory: str, content: str) -> Include:
    """Return the file that a directive names."""
    scheme, _, file = value.partition("://")
    is_absolute, is_base64 = file.startswith("/"), f"{scheme}://" == BASE64
    return Include(join_path(directory, file), is_absolute, is_base64, content)


class IncludeReader:
    """Replaces include directives as Juju 2.6 does, and keeps the files that it has read.

    Attributes:
        files: The files, by the key paths of the values.
    """

    def __init__(self) -> None:
        self.files: dict[KeyPath, list[Include]] = {}

    def read(self, value: Any, directory: str, path: KeyPath) -> tuple[Any, str]:
        """Return a value with its directive replaced, and Juju's message if it cannot be.

        Args:
            value: Any value. Only a text can be a directive.
            directory: Where relative paths start.
            path: The key path of the value.
        """
        if not isinstance(value, str) or not value.startswith((FILE, BASE64)):
            return value, ""
        try:
            content = _read_include(value, directory)
        except OSError as error:
            verb = "read" if isinstance(error, IsADirectoryError) else "open"
            file = join_path(directory, value.partition("://")[2])
            return value, f"unable to read file: {verb} {file}: {(error.strerror or '').lower()}"
        self.files.setdefault(path, []).append(_include(value, directory, content))
        return content, ""


def resolve_includes_2_6(bundle: Bundle, directory: str, reader: IncludeReader) -> None:
    """Replace the include directives of a bundle as Juju 2.6 does after it has merged overlays.

    Args:
        bundle: The bundle, which is changed.
        directory: Where relative paths start.
        reader: The reader of the files.

    Raises:
        IncludeError: At the first file that cannot be read.
        BotlabError: When a file is not a regular file, or is too large for botlab.
    """
    for values, path, _ in _included_values(bundle):
        kind = "options" if path[2] == "options" else "annotation"
        for key, value in values.items():
            values[key], problem = reader.read(value, directory, (*path, key))
            if problem:
                owner = f"{str(path[0]).removesuffix('s')} {path[1]}"
                message = f"processing {kind} value {key} for {owner}: {problem}"
                raise IncludeError(f"unable to process includes: {message}", (*path, key))


def relocate_include(value: Any, relocate: Callable[[str], str]) -> Any:
    """Return a value with the relative path of its include directive replaced.

    Args:
        value: Any value. Only include directives with a relative path change.
        relocate: Returns the new path of a path.
    """
    if isinstance(value, str):
        for directive in (FILE, BASE64):
            if value.startswith(directive) and not value.startswith(f"{directive}/"):
                return directive + relocate(value[len(directive) :])
    return value


def _included_values(bundle: Bundle) -> Iterator[_Values]:
    for name, application in bundle.applications.items():
        if application is not None:
            path: KeyPath = ("applications", name)
            owner = f"for application {quote(name)}"
            yield application.options, (*path, "options"), _value_name("option", owner)
            yield application.annotations, (*path, "annotations"), _value_name("annotation", owner)
    for name, machine in bundle.machines.items():
        if machine is not None:
            path = ("machines", name, "annotations")
            owner = f"for machine {quote(name)}"
            yield machine.annotations, path, _value_name("annotation", owner)


def _value_name(kind: str, owner: str) -> Callable[[str], str]:
    return lambda key: f"processing {kind} {key} {owner}"


def _read_include(value: str, directory: str) -> str:
    scheme, _, file = value.partition("://")
    try:
        content = read_bytes(FilePath(join_path(directory, file)))
    except ValueError:  # a null character in the path
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from None
    if f"{scheme}://" == BASE64:
        return base64.b64encode(content).decode("ascii")
    return content.decode("utf-8", "replace")


def _reason(error: OSError, file: str, directory: str) -> str:
    path = quote(join_path(directory, file))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"include file {path} not found"
    if isinstance(error, IsADirectoryError):
        return f"include path {path} resolves to a folder"
    return f"reading include file at {path}: {(error.strerror or '').lower()}"
