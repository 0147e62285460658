"""Everything that the commands print: text for people, documents and JSON.

Text for people goes through :func:`botlab.visible_text.visible`. Output that cannot be written
ends in a :class:`botlab.errors.BotlabError`, and errors never go to standard output.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sys
from collections.abc import Generator, Iterable
from typing import Any, TextIO, cast

from ..errors import BotlabError
from ..visible_text import visible, visible_lines


class Painted(str):
    """A text of the program itself that has colour codes. It is printed as it is."""

    __slots__ = ()


class _ClosedStream(io.TextIOBase):
    """The standard output of a process that was started without one."""

    def write(self, text: str, /) -> int:
        """Refuse the text."""
        del text
        raise OSError(0, "it is closed")


def prepare_streams() -> None:
    """Replace streams that the process was started without.

    Python's ``print`` writes to standard output when the stream that it gets is None, so an error
    message could become a part of a document.
    """
    if cast("TextIO | None", sys.stdout) is None:
        sys.stdout = cast("TextIO", _ClosedStream())
    if cast("TextIO | None", sys.stderr) is None:
        sys.stderr = io.StringIO()


def print_line(*parts: str, stream: TextIO | None = None) -> None:
    """Print a line for people, with every unprintable character made visible.

    Args:
        parts: The parts of the line.
        stream: The stream; standard output by default.

    Raises:
        BotlabError: When the line cannot be written.
    """
    line = "".join(part if isinstance(part, Painted) else visible(part) for part in parts)
    write(f"{line}\n", stream or sys.stdout)


def print_message(
    text: str, *, start: str = "", indent: str = "", stream: TextIO | None = None
) -> None:
    """Print a message for people, which has several lines if it is a ``TextLines``.

    Args:
        text: The message.
        start: A text in front of the first line.
        indent: A text in front of each line.
        stream: The stream; standard output by default.

    Raises:
        BotlabError: When the message cannot be written.
    """
    for line in visible_lines(text):
        print_line(indent, start, line, stream=stream)
        start = ""


def print_document(text: str) -> None:
    """Print the text of a file on standard output, as it is, before what follows is said about it.

    Raises:
        BotlabError: When the text cannot be written. Then none of it is written, unless the device
            is full.
    """
    write(text, sys.stdout)
    with _writing(sys.stdout):
        sys.stdout.flush()


def print_json(report: object) -> None:
    """Print a report as JSON on standard output.

    JSON has no NaN and no infinity (RFC 8259), so they are printed as YAML's words for them.

    Raises:
        BotlabError: When the report cannot be written.
    """
    text = json.dumps(_finite(report), indent=2, default=str, allow_nan=False)
    write(f"{text}\n", sys.stdout)


def print_error(message: str) -> None:
    """Print an error message on standard error, in one line, if that is possible at all."""
    with contextlib.suppress(BotlabError):
        print_line("botlab: ", message, stream=sys.stderr)


def flush_streams() -> None:
    """Write what is still in the buffers.

    Raises:
        BotlabError: When it cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        with _writing(stream):
            stream.flush()


def discard(stream: TextIO) -> None:
    """Send the rest of a stream's output nowhere, so that Python can flush it at exit."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)


def write(text: str, stream: TextIO) -> None:
    """Write a text as it is.

    Raises:
        BotlabError: When it cannot be written.
    """
    with _writing(stream):
        stream.write(text)


@contextlib.contextmanager
def _writing(stream: TextIO) -> Generator[None]:
    """Turn the failure to write to a stream into an error of botlab."""
    name = "standard error" if stream is sys.stderr else "standard output"
    try:
        yield
    except BrokenPipeError as error:
        discard(stream)
        if stream is not sys.stderr:
            raise
        raise BotlabError(f"{name}: cannot be written: {error.strerror}") from None
    except UnicodeEncodeError as error:
        char = visible(error.object[error.start])
        raise BotlabError(
            f"{name}: cannot be written: {error.encoding} has no character {char!a}; set"
            " PYTHONIOENCODING=utf-8, or write to a file with --output"
        ) from None
    except OSError as error:
        discard(stream)
        raise BotlabError(f"{name}: cannot be written: {error.strerror}") from None


def _finite(report: object) -> object:
    if isinstance(report, float):
        return report if math.isfinite(report) else _infinite_text(report)
    if isinstance(report, dict):
        entries = cast("dict[object, object]", report).items()
        return {_finite(key): _finite(entry) for key, entry in entries}
    if isinstance(report, list | tuple):
        return [_finite(entry) for entry in cast("Iterable[Any]", report)]
    return report


def _infinite_text(number: float) -> str:
    if math.isnan(number):
        return ".nan"
    return ".inf" if number > 0 else "-.inf"
