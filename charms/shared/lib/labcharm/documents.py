"""JSON and YAML from elsewhere: files, relation data, annotations, answers of servers.

The parsers raise more than the errors that their documentation names. `json` raises a
RecursionError for deep nesting. PyYAML also lets through what its converters raise: a KeyError for
`!!bool maybe`, an AttributeError for `!!timestamp today`, a ValueError for 2019-02-31, an
IndexError for `!!int ""`.
"""

import contextlib
import json
from typing import Callable, Iterator, Optional, Union

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject, JsonValue


class DocumentError(BlockedError):
    """A text that cannot be read or parsed.

    Attributes:
        source: Where the text comes from.
        reason: What is wrong, as the rest of a sentence that begins with the source.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source} {reason}")
        self.source, self.reason = source, reason


def decode_text(content: bytes, source: str) -> str:
    """Return the text in a file's content.

    Raises:
        DocumentError: When it is not text in UTF-8.
    """
    try:
        return content.decode("utf-8")
    except ValueError:
        raise DocumentError(source, "is not text in UTF-8") from None


def read_text(path: str, source: str) -> str:
    """Return the text of a file.

    Args:
        path: The file.
        source: What the file is, for the error.

    Raises:
        DocumentError: When it cannot be read, or is not text in UTF-8.
    """
    try:
        with open(path, "rb") as file:
            return decode_text(file.read(), source)
    except OSError as error:
        raise DocumentError(source, f"cannot be read: {error.strerror}") from None


def parse_json(text: Union[str, bytes]) -> JsonValue:
    """Return the value of a JSON text.

    Raises:
        ValueError: When it is not JSON, or is nested more deeply than any document of use.
    """
    try:
        # json itself would guess the encoding, and accept halves of surrogate pairs.
        return json.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_object(text: Union[str, bytes, None]) -> Optional[JsonObject]:
    """Return the JSON object in a text; None when the text is missing or holds anything else."""
    try:
        document = parse_json(text) if text is not None else None
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def parse_yaml(load: Callable[[str], JsonValue], text: str, source: str) -> JsonValue:
    """Return the document of a YAML text.

    Args:
        load: Parses YAML. It is passed in because this package needs no YAML library itself.
        text: The text.
        source: Where the text comes from, for the error.

    Raises:
        DocumentError: When it is not YAML.
    """
    try:
        return load(text)
    except Exception as error:  # PyYAML has no class for all of its errors
        raise DocumentError(source, f"is not YAML ({yaml_cause(error)})") from None


@contextlib.contextmanager
def form_errors(source: str) -> Iterator[None]:
    """Turn what a `with` block raises for data of an unexpected form into a DocumentError.

    It is for data that was parsed, and whose fields are then used without a check of each.

    Args:
        source: Where the data comes from, for the error.
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        detail = f"{type(error).__name__}: {error}"[:80]
        raise DocumentError(source, f"does not have the expected form ({detail})") from None


def yaml_cause(error: Exception) -> str:
    """Return the line and the problem that an error of PyYAML names, on one line."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or error
    place = f"line {mark.line + 1}: " if mark else ""
    return (place + " ".join(str(problem).split()))[:200] or type(error).__name__
