"""Measure the names, words and shapes of this repository's code, and check them against limits.

    python tests/code_metrics.py [--worst N] [PATH ...]

Without paths every tracked file is measured and the limits are checked: exit status 1 means that
a limit is exceeded. With paths only files below these are measured, to work on one part.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Names that say nothing about what they hold.
EMPTY_NAMES = frozenset(
    [
        "found",
        "one",
        "told",
        "wish",
        "wanted",
        "there",
        "known",
        "here",
        "thing",
        "things",
        "others",
        "other",
        "seen",
        "left",
        "said",
        "ours",
        "theirs",
        "given",
        "made",
        "gone",
        "lasting",
        "meant",
        "noted",
        "looked",
        "asked",
        "kept",
        "what",
        "which",
        "who",
        "whom",
        "whose",
    ]
)
# Names that are right in small numbers only.
VAGUE_NAMES = frozenset(("data", "item", "result", "value", "obj"))
# Words of the old texts that have a standard term. Identifiers count too: `_` separates words.
REPLACED_WORDS = re.compile(
    r"\b(mend|mends|mended|mending|told|tells?|telling|wish|wishes|settles?|settled|guests?"
    r"|strangers?|houses?|rooms?|intake|way out|is none that|somebody else|what is there"
    r"|takes? away|taken away|took away|the way in)\b",
    re.IGNORECASE,
)
PREFIXED_MODULE = re.compile(r"^(kf|nfs|mlb)_.*\.py$")
PATH_EDIT = re.compile(r"\bsys\.path(\.(insert|append|extend)\(|\[[^\]]*\]\s*=|\s*\+?=[^=])")
TEXT_SUFFIXES = (".py", ".md", ".yaml", ".j2", ".toml", ".ini", ".sh")
# Juju's, MetalLB's and upstream's own words, recorded as test data, are not ours to change; the
# changelog names old things by their old names.
FOREIGN_TEXT = ("verdicts", "oracle/", "modules/", "LICENSE", "code_metrics.py", "CHANGELOG.md")
LONGEST_FILE = 400  # lines

Place = tuple[str, int]


@dataclass(frozen=True)
class Limit:
    """One figure of one area, and what it may be at most."""

    area: str
    name: str
    figure: float
    most: float
    places: Sequence[str] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the figure is within its limit."""
        return self.figure <= self.most

    def row(self) -> str:
        """Return the row of the table."""
        mark = "ok " if self.is_kept else "BAD"
        return f"{mark} {self.area:10} {self.name:34} {self.figure:9.2f}  at most {self.most:g}"


@dataclass
class Module:
    """A Python file, parsed."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """The number of lines."""
        return self.text.count("\n")

    def places(self, nodes: Iterable[ast.AST]) -> list[Place]:
        """Return where nodes stand."""
        return [(self.path, getattr(node, "lineno", 1)) for node in nodes]


@dataclass
class Area:
    """A part of the repository with limits of its own."""

    name: str
    modules: list[Module] = field(default_factory=list)

    def gather(self, pick: Callable[[Module], Iterable[ast.AST]]) -> list[Place]:
        """Return the places of the nodes that a function picks in each module."""
        return [place for module in self.modules for place in module.places(pick(module))]


def bindings(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Return the names of variables, parameters and fields that a module binds, with lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg) and node.arg not in ("self", "cls"):
            yield node.arg, node.lineno
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def is_named(name: str, names: frozenset[str]) -> bool:
    """Tell whether a name is one of these, leading underscores apart."""
    return name.strip("_").lower() in names


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return all functions and methods of a module."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's number of lines, from `def` to the end, without its docstring."""
    first = function.body[0]
    docstring = 0
    if ast.get_docstring(function) is not None:
        docstring = (first.end_lineno or first.lineno) - first.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def percentile(numbers: Sequence[int], share: float) -> int:
    """Return the number that a share of all numbers does not exceed."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def without_docstring(module: Module) -> list[ast.AST]:
    """Return the public modules, classes and functions that have no docstring."""
    return list(_undocumented(module.tree))


def _undocumented(node: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    if ast.get_docstring(node) is None:
        yield node
    for child in node.body:
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from _undocumented(child)
        elif (
            isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            and not child.name.startswith("_")
            and ast.get_docstring(child) is None
        ):
            yield child


def old_formatting(module: Module) -> list[ast.AST]:
    """Return the places that format text with `%` or `.format`."""
    return [node for node in ast.walk(module.tree) if _is_old_formatting(node)]


def _is_old_formatting(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        left = node.left
        return isinstance(left, ast.JoinedStr) or (
            isinstance(left, ast.Constant) and isinstance(left.value, str)
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "format"
    return False


def any_uses(module: Module) -> list[ast.AST]:
    """Return the uses of `typing.Any`."""
    return [
        node for node in ast.walk(module.tree) if isinstance(node, ast.Name) and node.id == "Any"
    ]


def tracked(paths: Sequence[str]) -> list[str]:
    """Return the files that git tracks or would track, below some paths."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *paths]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in sorted(set(done.stdout.split("\n"))) if (ROOT / name).is_file()]


def read_areas(files: Iterable[str]) -> list[Area]:
    """Parse the Python files and sort them into areas."""
    areas = {name: Area(name) for name in ("charms", "docs", "generator", "tests")}
    for name in files:
        area = areas.get(name.partition("/")[0])
        if area and name.endswith(".py"):
            text = (ROOT / name).read_text(encoding="utf-8")
            area.modules.append(Module(name, text, ast.parse(text)))
    return [area for area in areas.values() if area.modules]


def name_limits(area: Area) -> Iterator[Limit]:
    """Measure the names of an area."""
    bound = [
        (name, module.path, line)
        for module in area.modules
        for name, line in bindings(module.tree)
    ]
    empty = [entry for entry in bound if is_named(entry[0], EMPTY_NAMES)]
    vague = [entry for entry in bound if is_named(entry[0], VAGUE_NAMES)]
    total = max(1, len(bound))
    yield Limit(area.name, "empty names, % of bindings", 100 * len(empty) / total, 0.5, _by(empty))
    both = 100 * (len(empty) + len(vague)) / total
    yield Limit(area.name, "empty and vague names, %", both, 4, _by(empty + vague))


def _by(entries: Iterable[tuple[str, str, int]]) -> list[str]:
    counts = Counter((path, name) for name, path, _ in entries)
    return [f"{path}: {name} x{count}" for (path, name), count in counts.most_common()]


def shape_limits(area: Area) -> Iterator[Limit]:
    """Measure the files and functions of an area."""
    long = [f"{module.path}: {module.lines}" for module in area.modules
            if module.lines > LONGEST_FILE]  # fmt: skip
    yield Limit(area.name, f"files over {LONGEST_FILE} lines", len(long), 0, long)
    lengths = [
        (length(function), f"{module.path}:{function.lineno} {function.name}")
        for module in area.modules
        for function in functions(module.tree)
    ]
    longest = [f"{where}: {count}" for count, where in sorted(lengths, reverse=True)]
    p90 = percentile([count for count, _ in lengths], 0.9)
    yield Limit(area.name, "lines of a function, p90", p90, 20, longest)
    prefixed = [module.path for module in area.modules
                if PREFIXED_MODULE.match(Path(module.path).name)]  # fmt: skip
    yield Limit(area.name, "modules with a prefix", len(prefixed), 0, prefixed)


def charm_limits(area: Area) -> Iterator[Limit]:
    """Measure what holds for the charms' language level."""
    places = _texts(area.gather(old_formatting))
    yield Limit(area.name, "% and .format formatting", len(places), 39, places)
    places = _texts(area.gather(any_uses))
    yield Limit(area.name, "uses of Any", len(places), 149, places)


def docstring_limit(area: Area) -> Limit:
    """Count the public modules, classes and functions without a docstring."""
    places = _texts(area.gather(without_docstring))
    return Limit(area.name, "public, without docstring", len(places), 0, places)


def path_limit(area: Area) -> Limit:
    """Count the edits of sys.path."""
    places = [
        f"{module.path}:{number}"
        for module in area.modules
        for number, line in enumerate(module.text.split("\n"), 1)
        if PATH_EDIT.search(line) and not module.path.endswith("code_metrics.py")
    ]
    return Limit(area.name, "edits of sys.path", len(places), 0, places)


def _texts(places: Iterable[Place]) -> list[str]:
    return [f"{path}:{line}" for path, line in places]


def word_limit(files: Iterable[str]) -> Limit:
    """Count the words that have a standard term, in code and documents."""
    places = [
        f"{name}:{number}: {match.group()}"
        for name in files
        if name.endswith(TEXT_SUFFIXES) and not any(part in name for part in FOREIGN_TEXT)
        for number, line in enumerate((ROOT / name).read_text("utf-8").split("\n"), 1)
        for match in REPLACED_WORDS.finditer(line.replace("_", " "))
    ]
    return Limit("all", "words with a standard term", len(places), 14, places)


def measure(files: Sequence[str]) -> Iterator[Limit]:
    """Measure every figure."""
    for area in read_areas(files):
        yield from name_limits(area)
        yield from shape_limits(area)
        if area.name == "charms":
            yield from charm_limits(area)
        if area.name == "tests":
            yield path_limit(area)
        else:
            yield docstring_limit(area)
    yield word_limit(files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and the worst places of each figure that exceeds its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", nargs="*", help="files or directories; all when none is named")
    parser.add_argument("--worst", type=int, default=5, help="places to name of each figure")
    options = parser.parse_args(arguments)
    limits = list(measure(tracked(options.path)))
    for limit in limits:
        print(limit.row())
        if not limit.is_kept:
            for place in limit.places[: options.worst]:
                print(f"      {place}")
    return 0 if all(limit.is_kept for limit in limits) else 1


if __name__ == "__main__":
    sys.exit(main())
