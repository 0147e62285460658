"""Write a plan as HCL, in the form that ``tofu fmt`` and ``terraform fmt`` give it.

The rules are those of the formatter in github.com/hashicorp/hcl, hclwrite/format.go: an
indentation of two spaces, and the equals signs of successive attributes below each other. An
attribute whose value opens a bracket on one line and closes it on another one is not aligned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from .document import Attribute, Block, FileContent, Reference, Section, Template, Value

_INDENT = "  "
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
# A sequence that starts an interpolation or a directive in a text.
_TEMPLATE = re.compile(r"([$%])\{")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Words that an object's key must not be without quotes, because they are values or expressions.
_KEYWORDS = {"true", "false", "null", "for"}
_END = "EOT"


def write_sections(sections: Iterable[Section]) -> str:
    """Return the text of a plan."""
    parts: list[str] = []
    for section in sections:
        if section.blocks:
            parts += [f"# {section.title}"] if section.title else []
            parts += ["\n".join(_block(block, "")) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def quote(text: str, *, ascii_only: bool = False) -> str:
    """Return a text as a string of HCL.

    Args:
        text: The text. Nothing in it is an interpolation or a directive.
        ascii_only: Whether to write all characters outside of ASCII as escapes.
    """
    escaped = _TEMPLATE.sub(_double, text)
    return '"' + "".join(_escape(char, ascii_only=ascii_only) for char in escaped) + '"'


def _escape(char: str, *, ascii_only: bool) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable() and (char.isascii() or not ascii_only):
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _block(block: Block, indent: str) -> Iterator[str]:
    """Yield the lines of a block."""
    head = " ".join([block.type, *(json.dumps(label) for label in block.labels)])
    if not block.body:
        yield f"{indent}{head} {{}}"
        return
    yield f"{indent}{head} {{"
    for number, group in enumerate(_groups(block.body)):
        if number:
            yield ""
        yield from _group(group, indent + _INDENT)
    yield f"{indent}}}"


def _groups(body: Sequence[Attribute | Block]) -> Iterator[list[Attribute | Block]]:
    """Yield the parts of a body in groups, with successive attributes of one line together."""
    group: list[Attribute | Block] = []
    for part in body:
        if isinstance(part, Attribute) and not _has_lines(part.value):
            group.append(part)
            continue
        if group:
            yield group
        yield [part]
        group = []
    if group:
        yield group


def _has_lines(value: Value) -> bool:
    """Return whether a value opens a bracket on one line and closes it on another one."""
    return isinstance(value, dict) or (isinstance(value, list) and not _is_short(value))


def _is_short(entries: Sequence[Value]) -> bool:
    return len(entries) == 1 and not isinstance(entries[0], dict | list)


def _group(group: Sequence[Attribute | Block], indent: str) -> Iterator[str]:
    pairs: list[tuple[str, Value]] = []
    for part in group:
        if isinstance(part, Block):
            yield from _block(part, indent)
        else:
            pairs.append((part.name, part.value))
    yield from _assignments(pairs, indent)


def _assignments(pairs: Sequence[tuple[str, Value]], indent: str) -> Iterator[str]:
    """Yield successive assignments. Only those without a bracket over several lines align."""
    run: list[tuple[str, Value]] = []
    for name, value in pairs:
        if not _has_lines(value):
            run.append((name, value))
            continue
        yield from _aligned(run, indent)
        run = []
        lines = list(_lines(value, indent))
        yield f"{indent}{name} = {lines[0]}"
        yield from lines[1:]
    yield from _aligned(run, indent)


def _aligned(pairs: Sequence[tuple[str, Value]], indent: str) -> Iterator[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        yield f"{indent}{name.ljust(width)} = {_expression(value)}"


def _lines(value: Value, indent: str) -> Iterator[str]:
    """Yield the lines of a value. The first one follows an equals sign or an indentation."""
    inner = indent + _INDENT
    if isinstance(value, dict):
        yield "{"
        yield from _assignments([(_key(name), entry) for name, entry in value.items()], inner)
        yield f"{indent}}}"
    elif isinstance(value, list) and not _is_short(value):
        yield "["
        for entry in value:
            *start, last = [quote(entry)] if isinstance(entry, str) else _lines(entry, inner)
            lines = [*start, f"{last},"]
            yield f"{inner}{lines[0]}"
            yield from lines[1:]
        yield f"{indent}]"
    else:
        yield _expression(value)


def _key(name: str) -> str:
    """Return a key of an object. Escapes keep its width known, which the alignment needs."""
    is_plain = _IDENTIFIER.fullmatch(name) and name not in _KEYWORDS
    return name if is_plain else quote(name, ascii_only=True)


def _expression(value: Value) -> str:
    """Return a value that needs no bracket over several lines."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Reference):
        return str(value)
    if isinstance(value, Template):
        return f'{quote(value.start)[:-1]}${{{value.reference}}}"'
    if isinstance(value, FileContent):
        return _file(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_entry, value))}]"
    if isinstance(value, dict):
        raise TypeError("a mapping needs lines of its own")
    return _heredoc(value) if _is_heredoc(value) else quote(value)


def _entry(value: Value) -> str:
    """Return an entry of a list. Its text is not a heredoc, which ends only at a line break."""
    return quote(value) if isinstance(value, str) else _expression(value)


def _is_heredoc(text: str) -> bool:
    """Return whether a text of several lines is the same as a heredoc, where escapes are text."""
    lines = text.split("\n")
    is_complete = len(lines) > 2 and not lines[-1]
    return is_complete and all(line.isprintable() and line.strip() != _END for line in lines)


def _heredoc(text: str) -> str:
    return f"<<{_END}\n{_TEMPLATE.sub(_double, text)}{_END}"


def _double(match: re.Match[str]) -> str:
    return f"{match[1]}{match[0]}"


def _file(content: FileContent) -> str:
    function = "filebase64" if content.is_base64 else "file"
    if content.path.startswith("/"):
        return f"{function}({quote(content.path)})"
    return f'{function}("${{path.module}}/{quote(content.path)[1:]})'
