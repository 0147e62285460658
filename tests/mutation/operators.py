"""The possible changes of a module: each replaces one expression or statement.

The operators rarely make an equivalent mutant. They leave out texts for people, docstrings,
logging, annotations, decorators, assertions and time limits.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mutation.code_nodes import CodeNode, code_nodes

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# The order of these arguments does not matter.
_COMMUTATIVE = frozenset(("min", "max", "gcd", "union", "intersection", "getattr", "isinstance"))


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: The file's path below the repository's root.
        line: The first line of the changed code.
        column: The first column of the changed code, in characters.
        operator: The name of the operator.
        start: The offset of the changed code in the file.
        end: The offset of the end of the changed code.
        replacement: The new code.
        function: The first line of the function that has the code; 0 outside of functions.
    """

    path: str
    line: int
    column: int
    operator: str
    start: int
    end: int
    replacement: str
    function: int

    @property
    def name(self) -> str:
        """The name by which ``--mutant`` finds the mutant again."""
        return f"{self.path}:{self.line}:{self.column}:{self.operator}"

    def apply(self, source: str) -> str:
        """Return the file's text with the change."""
        return source[: self.start] + self.replacement + source[self.end :]

    def describe(self, source: str) -> str:
        """Return the change in one line."""
        before = " ".join(source[self.start : self.end].split())
        return f"{self.name}\n    {before}  ->  {' '.join(self.replacement.split())}"


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return all mutants of a module.

    Args:
        path: The file's path below the repository's root.
        source: The file's text.

    Returns:
        The mutants in the order of the file, those of the longer code first.
    """
    offsets = _line_offsets(source)
    mutants = [
        _mutant(path, source, offsets, code, operator, replacement)
        for code in code_nodes(ast.parse(source))
        for operator, change in _OPERATORS.items()
        for replacement in change(code)
    ]
    return sorted(mutants, key=lambda mutant: (mutant.start, -mutant.end, mutant.operator))


def _mutant(
    path: str,
    source: str,
    offsets: list[int],
    code: CodeNode,
    operator: str,
    replacement: ast.expr | ast.stmt,
) -> Mutant:
    node = code.node
    text = ast.unparse(replacement)
    if isinstance(replacement, ast.expr):
        text = f"({text})"
    start = _offset(source, offsets, node.lineno, node.col_offset)
    end = _offset(source, offsets, node.end_lineno or 0, node.end_col_offset or 0)
    column = start - offsets[node.lineno - 1] + 1
    return Mutant(path, node.lineno, column, operator, start, end, text, code.function)


def _line_offsets(source: str) -> list[int]:
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    return offsets


def _offset(source: str, offsets: list[int], line: int, column: int) -> int:
    """Return an offset in characters; ast counts columns in bytes."""
    text = source[offsets[line - 1] : offsets[line]] if line < len(offsets) else ""
    return offsets[line - 1] + len(text.encode()[:column].decode())


def _flip_comparison(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if isinstance(node, ast.Compare):
        opposite = _OPPOSITES[type(node.ops[0])]()
        yield ast.Compare(node.left, [opposite, *node.ops[1:]], node.comparators)


def _flip_boolean(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)


def _swap_and_or(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _negate_condition(code: CodeNode) -> Iterator[ast.expr]:
    """Negate a condition that no other operator changes."""
    node = code.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif code.is_condition and isinstance(node, ast.Name | ast.Attribute | ast.Call):
        yield ast.UnaryOp(ast.Not(), node)


def _return_none(code: CodeNode) -> Iterator[ast.stmt]:
    node = code.node
    if isinstance(node, ast.Return) and node.value is not None and not _is_false(node.value):
        yield ast.Return(ast.Constant(None))


def _change_constant(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return
    if isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str) and not _is_text_for_people(node.value):
        yield ast.Constant(f"{node.value}mutated")


def _swap_arithmetic(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _is_time_limit(node):
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)


def _remove_statement(code: CodeNode) -> Iterator[ast.stmt]:
    node = code.node
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    is_change = isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete)
    is_store = isinstance(node, ast.Assign) and not isinstance(
        node.targets[0], ast.Name | ast.Tuple
    )
    if is_call or is_change or is_store:
        yield ast.Pass()


def _swap_arguments(code: CodeNode) -> Iterator[ast.expr]:
    node = code.node
    if not isinstance(node, ast.Call) or len(node.args) < 2 or _callee(node) in _COMMUTATIVE:
        return
    first, second = node.args[:2]
    if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
        return
    if ast.dump(first) != ast.dump(second):
        swapped = copy.copy(node)
        swapped.args = [second, first, *node.args[2:]]
        yield swapped


def _callee(node: ast.Call) -> str:
    function = node.func
    return getattr(function, "id", "") or getattr(function, "attr", "")


def _is_false(node: ast.expr) -> bool:
    """Return whether a value is a constant that callers treat like None."""
    return isinstance(node, ast.Constant) and not node.value


def _is_time_limit(node: ast.BinOp) -> bool:
    """Return whether an expression is a multiple of a time limit."""
    names = [getattr(side, "id", "") for side in (node.left, node.right)]
    is_multiple = isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv)
    return is_multiple and any(name.endswith("_SECONDS") for name in names)


def _is_text_for_people(text: str) -> bool:
    return " " in text or "\n" in text


_OPERATORS: dict[str, Callable[[CodeNode], Iterator[ast.expr | ast.stmt]]] = {
    "comparison": _flip_comparison,
    "boolean": _flip_boolean,
    "and-or": _swap_and_or,
    "condition": _negate_condition,
    "return-none": _return_none,
    "constant": _change_constant,
    "arithmetic": _swap_arithmetic,
    "statement": _remove_statement,
    "arguments": _swap_arguments,
}
