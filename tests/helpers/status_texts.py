"""The texts that a charm's source makes for statuses, with realistic names in place of variables.

`status_texts` reads Python files. It returns the text of every call that makes a status, an error
or a finding, and texts that are yielded or appended to a list, wherever the text is a literal, an
f-string, or a name for one of these in the same function or module. An expression within an
f-string gets its realistic text from a table that the caller passes. An expression without one is
an error, so that no text is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

# The calls that make a text for a status: classes of these names, and of names that end so.
_SUFFIXES = ("Error", "Status")
_NAMES = ("Finding", "OptionProblem")


class StatusText(NamedTuple):
    """A text, and where the source makes it."""

    place: str
    text: str


class UnknownExpressionError(Exception):
    """An expression of a text that has no realistic text yet."""


def status_texts(paths: Iterable[Path], samples: Mapping[str, str]) -> list[StatusText]:
    """Return the texts of some source files.

    Args:
        paths: The files.
        samples: A realistic text for each expression, as Python writes it: "pool.name".

    Raises:
        UnknownExpressionError: When an expression has no realistic text.
    """
    texts: list[StatusText] = []
    for path in sorted(paths):
        tree = ast.parse(path.read_text())
        constants = _assigned_texts(tree.body)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            values = {**constants, **_assigned_texts(ast.walk(function))}
            for node in ast.walk(function):
                reader = _Reader(f"{path.name}:{getattr(node, 'lineno', 0)}", samples, values)
                texts += [StatusText(reader.place, text) for text in reader.texts_of(node)]
    return texts


def essential_part(text: str, limit: int) -> str:
    """Return what must be visible of a text: of a long one, the part before ": DETAILS"."""
    return text if len(text) <= limit else text.partition(": ")[0]


def _makes_text(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    is_appended = name == "append" and bool(call.args) and _is_text(call.args[0])
    return name in _NAMES or name.endswith(_SUFFIXES) or is_appended


def _assigned_texts(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """Return the literals and f-strings that names stand for."""
    values: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and _is_text(node.value):
            for target in node.targets:
                values.setdefault(ast.unparse(target), []).append(node.value)
    return values


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    is_literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_literal or isinstance(node, ast.JoinedStr)


class _Reader:
    """Replaces the expressions of one call's text."""

    def __init__(
        self, place: str, samples: Mapping[str, str], values: Mapping[str, list[ast.expr]]
    ) -> None:
        self.place, self._samples, self._values = place, samples, values

    def texts_of(self, node: ast.AST) -> Iterator[str]:
        """Yield the texts that a node of the source makes; most make none."""
        if isinstance(node, ast.Yield) and node.value is not None and _is_text(node.value):
            yield from self._texts(node.value)
        if isinstance(node, ast.Call) and _makes_text(node):
            yield from self._texts_of_call(node)

    def _texts_of_call(self, call: ast.Call) -> Iterator[str]:
        name = ast.unparse(call.func).rpartition(".")[2]
        arguments = call.args[2:] if name == "Finding" else call.args
        if name == "OptionProblem":
            parts = [self._texts(argument)[0] for argument in arguments]
            yield "; ".join([" ".join(parts[:2]), *parts[2:]])
            return
        for argument in arguments[:1]:
            yield from self._texts(argument)

    def _texts(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.IfExp):
            return self._texts(node.body) + self._texts(node.orelse)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node)
        return self._of_expression(node)

    def _of_expression(self, node: ast.expr) -> list[str]:
        expression = ast.unparse(node)
        if expression in self._samples:
            return [self._samples[expression]]
        if expression in self._values:
            return [text for value in self._values[expression] for text in self._texts(value)]
        raise UnknownExpressionError(f"{self.place}: add a realistic text for {expression}")

    def _joined(self, node: ast.JoinedStr) -> list[str]:
        texts = [""]
        for part in node.values:
            added = self._texts(part.value if isinstance(part, ast.FormattedValue) else part)
            texts = [text + end for text in texts for end in added]
        return texts
