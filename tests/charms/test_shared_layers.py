"""The layers of the shared packages: each imports only those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[2] / "charms/shared/lib"
# As the docstring of labkube states them.
LAYERS = ["labcharm", "labkube.client", "labkube.inspect", "labkube.apply", "labkube.charm"]
MODULES = sorted(path.relative_to(LIB) for path in LIB.rglob("*.py"))


def imported_modules(path: Path) -> Iterator[str]:
    """Return the names of the modules that a file imports, also within functions."""
    for node in ast.walk(ast.parse((LIB / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> int:
    """Return the number of a module's layer; -1 for a module of no layer."""
    for number, layer in enumerate(LAYERS):
        if f"{module}.".startswith(f"{layer}."):
            return number
    return -1


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_module_imports_only_its_layer_and_those_below(path: Path) -> None:
    own_layer = layer_of(".".join(path.with_suffix("").parts).replace(".__init__", ""))
    above = [name for name in imported_modules(path) if layer_of(name) > own_layer]
    assert not above or own_layer == -1


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_compat_and_the_modules_of_statuses_import_ops(path: Path) -> None:
    imports_ops = any(name.partition(".")[0] == "ops" for name in imported_modules(path))
    names = ("compat", "status", "status_text")
    assert imports_ops == (path in [Path(f"labcharm/{name}.py") for name in names])
