"""The parts of a module whose change can change what the program does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_LOGGERS = frozenset(("logger", "logging", "log", "_log", "_logger", "LOG", "warnings"))
# Keywords that set a time limit, describe something for people, or only protect against mistakes
# in the code, such as a change of an immutable object.
_UNTESTED_KEYWORDS = frozenset(
    (
        *("timeout", "maxsize", "help", "description", "epilog", "metavar", "examples"),
        *("allow_nan", "frozen", "repr", "slots", "strict"),
    )
)
# These calls have names for tools that read types, and nothing else.
_TYPE_CALLS = frozenset(("cast", "TypeVar", "NewType", "ParamSpec"))
_CONDITIONS = (ast.If, ast.While, ast.IfExp)


@dataclass(frozen=True)
class CodeNode:
    """An expression or a statement, and where it stands.

    Attributes:
        node: The node; it has a position.
        function: The first line of the innermost function; 0 outside of functions.
        is_condition: Whether the node is the condition of a statement or a comprehension.
    """

    node: ast.expr | ast.stmt
    function: int = 0
    is_condition: bool = False


def code_nodes(tree: ast.AST, function: int = 0) -> Iterator[CodeNode]:
    """Return the nodes below a node, without those that change no behaviour.

    Args:
        tree: The node, such as a module.
        function: The first line of the function that holds the node.

    Yields:
        Each expression and statement once.
    """
    for name, child in _children(tree):
        if _is_left_out(tree, name, child):
            continue
        inside = _first_line(child) if isinstance(child, _FUNCTIONS) else function
        if isinstance(child, ast.expr | ast.stmt):
            yield CodeNode(child, inside, _is_condition(tree, name))
        yield from code_nodes(child, inside)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, field in ast.iter_fields(node):
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST):
                yield name, child


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the line that the function's code object names: its first decorator's."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _is_condition(parent: ast.AST, name: str) -> bool:
    return (isinstance(parent, _CONDITIONS) and name == "test") or name == "ifs"


def _is_left_out(parent: ast.AST, name: str, child: ast.AST) -> bool:
    return (
        name in ("annotation", "returns", "decorator_list", "bases")
        or isinstance(child, ast.JoinedStr | ast.Assert | ast.Import | ast.ImportFrom)
        or _is_text_statement(child)
        or _is_logging(child)
        or _is_for_tools(child)
        or (isinstance(parent, ast.Call) and name == "keywords" and _is_untested(child))
    )


def _is_text_statement(node: ast.AST) -> bool:
    """Return whether a statement is a docstring or the description of an attribute."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_logging(node: ast.AST) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    return getattr(call.func.value, "id", "") in _LOGGERS


def _is_for_tools(node: ast.AST) -> bool:
    """Return whether only type checkers and importers read a node."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.dump(node.test) or "__main__" in ast.dump(node.test)
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") in _TYPE_CALLS
    if isinstance(node, ast.Assign):
        target = getattr(node.targets[0], "id", "")
        return target.startswith("__") or _is_type_alias(node.value)
    return False


def _is_type_alias(node: ast.expr) -> bool:
    aliases = ("Union", "Optional", "Literal", "Callable", "Dict", "List", "Tuple", "Mapping")
    return isinstance(node, ast.Subscript) and getattr(node.value, "id", "") in aliases


def _is_untested(keyword: ast.AST) -> bool:
    return isinstance(keyword, ast.keyword) and keyword.arg in _UNTESTED_KEYWORDS
