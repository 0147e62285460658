"""Include directives: values that Juju's client takes from a file (juju/charm overlay.go)."""

from __future__ import annotations

import base64
import os.path
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import Any

from ..findings import KeyPath
from .gotext import quote
from .model import Bundle

FILE = "include-file://"
BASE64 = "include-base64://"


class IncludeError(Exception):
    """A file that cannot be included; the text is Juju's, the path is the value's."""

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


def resolve(bundle: Bundle, folder: str) -> None:
    """Put the files' content in the place of the directives.

    Args:
        bundle: The bundle, changed in place: options and annotations of applications,
            annotations of machines.
        folder: Where relative paths start.

    Raises:
        IncludeError: At the first file that cannot be read, as Juju does.
    """
    for values, path, told in _places(bundle):
        for key, value in values.items():
            if isinstance(value, str) and value.startswith((FILE, BASE64)):
                try:
                    values[key] = _content(value, folder)
                except OSError as error:
                    name = value.partition("://")[2]
                    said = f"resolving include {quote(name)}: {_reason(error, name, folder)}"
                    message = f"{told.format(quote(key))}: {said}"
                    raise IncludeError(message, (*path, key)) from None


def moved(value: Any, told: Callable[[str], str]) -> Any:
    """Return a value with the path of its directive told anew; any other value as it is."""
    if isinstance(value, str):
        for directive in (FILE, BASE64):
            if value.startswith(directive) and not value.startswith(f"{directive}/"):
                return directive + told(value[len(directive) :])
    return value


def _places(bundle: Bundle) -> Iterator[tuple[dict[str, Any], KeyPath, str]]:
    for name, application in bundle.applications.items():
        if application is not None:
            at: KeyPath = ("applications", name)
            of = f"for application {quote(name)}"
            yield application.options, (*at, "options"), f"processing option {{}} {of}"
            yield application.annotations, (*at, "annotations"), f"processing annotation {{}} {of}"
    for name, machine in bundle.machines.items():
        if machine is not None:
            path = ("machines", name, "annotations")
            yield (
                machine.annotations,
                path,
                f"processing annotation {{}} for machine {quote(name)}",
            )


def _absolute(name: str, folder: str) -> str:
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - as Go's filepath.Join


def _content(value: str, folder: str) -> str:
    directive, _, name = value.partition("://")
    data = FilePath(_absolute(name, folder)).read_bytes()
    if f"{directive}://" == BASE64:
        return base64.b64encode(data).decode("ascii")
    return data.decode("utf-8", "replace")


def _reason(error: OSError, name: str, folder: str) -> str:
    full = quote(_absolute(name, folder))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"include file {full} not found"
    if isinstance(error, IsADirectoryError):
        return f"include path {full} resolves to a folder"
    return f"reading include file at {full}: {(error.strerror or '').lower()}"
