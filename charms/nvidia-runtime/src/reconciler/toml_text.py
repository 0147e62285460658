"""The headers and keys of a TOML text, with the places where they stand.

The system's python3 of Ubuntu 18.04 to 22.04 has no TOML parser, and a parser alone would not do:
containerd's files are edited as text, so that comments and order stay. Values are not decoded.
"""

import json
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

Path = Tuple[str, ...]
_PART = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*")
_HEADER = re.compile(r"[ \t]*\[\[?")
_PARTS = re.compile(_PART)
# Strings of every kind, a comment, the characters that structure a value, and the rest.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' + r"'''.*?'''|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|"
    r"#[^\n]*|[\n,\[\]{}]|[^\"'#\n,\[\]{}]+|.",
    re.DOTALL,
)
# Deeper tables are not read, so that no file exhausts the stack.
_MAXIMUM_DEPTH = 20
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


class Entry(NamedTuple):
    """A table's header, or a key with its value.

    Attributes:
        path: The names of the table, and of the key.
        value: The value as it is written; empty for a header.
        start: Where its first line begins.
        end: Where the line after it begins.
        is_inline: Whether the key stands in an inline table, whose lines these are.
    """

    path: Path
    value: str
    start: int
    end: int
    is_inline: bool = False

    @property
    def is_header(self) -> bool:
        """Whether this is a table's header."""
        return not self.value


def entries(text: str) -> List[Entry]:
    """Return the headers and keys of a text in their order; a line that is neither is left out."""
    listed: List[Entry] = []
    table: Path = ()
    position = 0
    while position < len(text):
        statement = list(_statement(text, position, table))
        listed += statement
        if statement and statement[0].is_header:
            table = statement[0].path
        position = statement[0].end if statement else _next_line(text, position)
    return listed


def values(text: str) -> Dict[Path, str]:
    """Return the values of a text as they are written, by their paths."""
    return {entry.path: entry.value for entry in entries(text) if not entry.is_header}


def strings(value: str) -> List[str]:
    """Return the strings in a value: those of an array, or the one that the value is."""
    tokens = (match.group() for match in _TOKEN.finditer(value))
    return [unquote(token) for token in tokens if token[0] in "\"'"]


def unquote(part: str) -> str:
    """Return the text of a string or of a part of a key."""
    for quotes in ('"""', "'''"):
        if part.startswith(quotes):
            return part[3:-3].lstrip("\n")
    if part.startswith('"'):
        try:
            return str(json.loads(part))
        except ValueError:  # an escape that only TOML has
            return part[1:-1]
    return part[1:-1] if part.startswith("'") else part


def join(path: Path) -> str:
    """Return a path as a key; parts that need quotes get them."""
    return ".".join(part if _BARE.match(part) else json.dumps(part) for part in path)


def _next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _statement(text: str, start: int, table: Path) -> Iterator[Entry]:
    """Yield the header, or the key and the keys in its inline table, that begin at a line."""
    header = _HEADER.match(text, start)
    key = _KEY.match(text, header.end() if header else start)
    if key is None:
        return
    path = _path(key.group(1))
    if header:
        if text.startswith("]", key.end()):
            yield Entry(path, "", start, _next_line(text, key.end()))
    elif text.startswith("=", key.end()):
        end = _value_end(text, key.end() + 1, "\n")
        value = _uncommented(text[key.end() + 1 : end])
        after = _next_line(text, end)
        if value:
            yield Entry(table + path, value, start, after)
        for inner, inner_value in _inline(value):
            yield Entry(table + path + inner, inner_value, start, after, True)


def _path(key: str) -> Path:
    return tuple(unquote(part) for part in _PARTS.findall(key))


def _value_end(text: str, start: int, stops: str) -> int:
    """Return where a value ends: at one of these characters outside of all brackets."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        token = match.group()
        if depth <= 0 and token in stops:
            return match.start()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token, 0)
    return len(text)


def _uncommented(value: str) -> str:
    """Return a value without the comment behind it and the spaces around it."""
    tokens = [match.group() for match in _TOKEN.finditer(value)]
    while tokens and (tokens[-1].startswith("#") or not tokens[-1].strip()):
        tokens.pop()
    return "".join(tokens).strip()


def _inline(value: str, depth: int = 0) -> Iterator[Tuple[Path, str]]:
    """Yield the keys of an inline table, and of the inline tables in it."""
    if depth > _MAXIMUM_DEPTH:
        return
    position = 1
    while value.startswith("{") and position < len(value):
        key = _KEY.match(value, position)
        if key is None or not value.startswith("=", key.end()):
            return
        end = _value_end(value, key.end() + 1, ",}")
        inner = value[key.end() + 1 : end].strip()
        yield _path(key.group(1)), inner
        for path, inner_value in _inline(inner, depth + 1):
            yield _path(key.group(1)) + path, inner_value
        position = end + 1
