"""Templates of own profiles, which may come from other people.

A template can read the values that it is given, and nothing else. Its language is a part of
Jinja's: without statements and operators that repeat a text, and with the methods of strings and
mappings that change nothing. The number of steps, the time and the size of each text are limited,
so a template always ends.
"""

from __future__ import annotations

import functools
import os
import re
import traceback
from collections.abc import (
    Callable,
    Collection,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    ValuesView,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from ..catalogue.package_data import templates_directory
from ..contained_files import read_contained_text
from ..errors import BotlabError, FileError
from ..site.section import Section
from .template_limits import LARGEST_TEMPLATE, MOST_STEPS, TemplateLimitError, TemplateLimits
from .template_weights import plain, weighed

# The names of the files that a template can import: its neighbours, and those of this project.
_OWN_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\.j2", re.ASCII)
_COMMON = "common/"
# Longer names of files exist on no Linux.
_LONGEST_NAME = 255
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.For),
    *(nodes.If, nodes.Macro, nodes.CallBlock, nodes.Call, nodes.Keyword, nodes.Import),
    *(nodes.FromImport, nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Compare),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat, nodes.Tuple),
    *(nodes.List, nodes.Dict, nodes.Pair, nodes.Assign, nodes.Add, nodes.Sub, nodes.Neg),
)
# A macro has these collections without making them.
_COLLECTIONS_OF_MACROS = ("varargs", "kwargs")
_PARTS = (ItemsView, KeysView, ValuesView)
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(("endswith", "lower", "split", "startswith", "strip", "upper")),
    dict: frozenset(("get", "items", "keys", "values")),
}
# The filters of Jinja that need no limit of their own.
FILTERS = ("default", "length", "lower", "string", "upper")


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """Something that a template must not have.

    Attributes:
        line: Its line, from 1.
        problem: What is wrong.
    """

    line: int
    problem: str


def is_template_name(name: str) -> bool:
    """Return whether a file in the directory of a profile is a template that can be imported."""
    return len(name) <= _LONGEST_NAME and _OWN_FILE.fullmatch(name) is not None


def _of_plain(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return a filter that gets collections of Python's own types."""
    return lambda value: function(plain(value))


class _LimitedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with the language and the limits of own profiles."""

    intercepted_binops = frozenset(("+", "-"))

    def __init__(self, filters: Mapping[str, Callable[..., Any]], **options: Any) -> None:
        super().__init__(undefined=jinja2.StrictUndefined, **options)
        self.limits = TemplateLimits()
        limited = {"join": self._join, "list": self._list, "sort": self._sort}
        given = {name: _of_plain(function) for name, function in filters.items()}
        standard = {name: self.filters[name] for name in FILTERS}
        self.filters = limited | {
            name: self._counted_filter(function) for name, function in (standard | given).items()
        }
        self.globals = {}

    def written(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the parts of the text that a template writes.

        Raises:
            TemplateLimitError: When they are too large in all.
        """
        size = 0
        for text in texts:
            size += len(text)
            self.limits.check_size(size)
            yield text

    def counted(self, entries: Iterable[Any]) -> Iterator[Any]:
        """Yield entries, each of which is a step. The templates' loops call this method."""
        for entry in entries:
            self.limits.count_step()
            yield entry

    def weighed(self, collection: Any) -> Any:
        """Return a collection with its weight. The templates' collections call this method.

        Raises:
            TemplateLimitError: When it is larger than a template may make.
        """
        result = weighed(collection)
        if result.weight > MOST_STEPS:
            raise TemplateLimitError(
                f"a list or mapping has more than {MOST_STEPS} entries in all"
            )
        return result

    def _counted_filter(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter, each use of which is a step."""

        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.limits.count_step()
            return self.limits.checked(function(*args, **kwargs))

        return counted

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read an attribute: data, and a few methods."""
        if attr.startswith("_"):
            return False
        if isinstance(obj, Section):
            return attr in type(obj).model_fields or _is_property(type(obj), attr)
        if isinstance(value, Macro) or not callable(value):
            return not isinstance(obj, type)
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS.items())

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a template may call an object. The attributes are limited already."""
        return not isinstance(obj, type)

    def wrap_str_format(self, value: Any) -> None:
        """Treat ``str.format`` as any other method: it is not one of those that are allowed."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or a function, which is a step.

        The parts of a mapping are lists, so that they have a weight.
        """
        self.limits.count_step()
        result = super().call(*args, **kwargs)
        if isinstance(result, _PARTS):
            return self.weighed(list(cast("Iterable[Any]", result)))
        return self.limits.checked(result)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Add or subtract numbers. Texts are joined with ``~``, whose result has a limit."""
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TemplateLimitError(f"`{operator}` is for numbers; join texts with `~`")
        return super().call_binop(context, operator, left, right)

    def _join(self, entries: Iterable[Any], separator: str = "") -> str:
        texts = [str(entry) for entry in self.counted(entries)]
        self.limits.check_size(sum(map(len, texts)) + len(texts) * len(separator))
        return separator.join(texts)

    def _list(self, entries: Iterable[Any]) -> Any:
        return self.weighed(list(self.counted(entries)))

    def _sort(self, entries: Iterable[Any]) -> Any:
        return self.weighed(sorted(self.counted(entries)))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = self.tree(source, name, filename)
        fault = next(self.faults(tree), None)
        if fault is not None:
            raise jinja2.TemplateSyntaxError(fault.problem, fault.line, name, filename)
        return _Counting().visit(tree)

    def tree(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Return the syntax tree of a template before it is changed."""
        return super()._parse(source, name, filename)

    def faults(self, tree: nodes.Node) -> Iterator[TemplateFault]:
        """Yield the parts of a template that are not of the language."""
        for node in tree.find_all(nodes.Node):
            if isinstance(node, nodes.Filter) and node.name not in self.filters:
                names = ", ".join(sorted(self.filters))
                yield TemplateFault(
                    node.lineno, f"there is no filter {node.name}; the filters are {names}"
                )
            elif isinstance(node, nodes.Name) and node.name in _COLLECTIONS_OF_MACROS:
                yield TemplateFault(node.lineno, f"templates of profiles have no {node.name}")
            elif isinstance(node, nodes.For) and node.recursive:
                yield TemplateFault(node.lineno, "a loop must not be recursive")
            elif not isinstance(node, (*_NODES, nodes.Helper, nodes.EvalContextModifier)):
                kind = type(node).__name__
                yield TemplateFault(node.lineno or 0, f"templates of profiles have no {kind}")


class _Counting(NodeTransformer):
    """Counts the steps of loops, and limits collections and the texts that ``~`` makes."""

    def _weigh(self, node: nodes.Expr) -> nodes.Node:
        self.generic_visit(node)
        weigh = nodes.EnvironmentAttribute("weighed")
        return nodes.Call(weigh, [node], [], None, None).set_lineno(node.lineno)

    visit_List = visit_Dict = _weigh  # noqa: N815 - the names that Jinja calls

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802 - as above
        # The target of a loop or an assignment is no collection.
        return self._weigh(node) if node.ctx == "load" else self.generic_visit(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - the name that Jinja calls
        self.generic_visit(node)
        counted = nodes.EnvironmentAttribute("counted")
        node.iter = nodes.Call(counted, [node.iter], [], None, None).set_lineno(node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - as above
        self.generic_visit(node)
        texts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(texts, "join", [], [], None, None).set_lineno(node.lineno)


def _is_property(kind: type, name: str) -> bool:
    return isinstance(getattr(kind, name, None), property | functools.cached_property)


class LimitedTemplate:
    """The template of an own profile.

    Args:
        file: Its file. It can import the templates beside it, and those of this project.
        filters: The filters that write YAML.
    """

    def __init__(self, file: Path, filters: Mapping[str, Callable[..., Any]]) -> None:
        self._file = file
        self._environment = _LimitedEnvironment(
            filters,
            loader=jinja2.FunctionLoader(self._load),
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=0,
        )

    def _load(self, name: str) -> tuple[str, str, None] | None:
        """Return the text of a template and its file; None if there is none of that name.

        Raises:
            BotlabError: When it leads out of its directory, or cannot be read.
        """
        if not is_template_name(name.removeprefix(_COMMON)):
            return None
        is_common = name.startswith(_COMMON)
        directory = templates_directory() if is_common else self._file.parent
        file = directory / name
        if not os.path.lexists(file):
            return None
        return read_contained_text(file, directory, LARGEST_TEMPLATE), str(file), None

    def _text(self) -> str:
        return read_contained_text(self._file, self._file.parent, LARGEST_TEMPLATE)

    def _tree(self, text: str) -> nodes.Template:
        return self._environment.tree(text, None, str(self._file))

    def faults(self) -> list[TemplateFault]:
        """Return what is wrong with the text of the template. Its imports are not examined.

        Raises:
            BotlabError: When the file cannot be read.
        """
        text = self._text()
        try:
            return list(self._environment.faults(self._tree(text)))
        # Jinja's parser follows the nesting of a template, and fails with any error.
        except Exception as error:
            return [TemplateFault(_place_of(error, self._file)[1], _reason(error))]

    def literal_arguments(self, macros: Collection[str]) -> Iterator[tuple[int, str]]:
        """Yield the texts that the template passes to macros, each with its line.

        Args:
            macros: The names of the macros, which may be those of an imported template.

        Raises:
            BotlabError: When the file cannot be read.
        """
        tree = self._tree(self._text())
        for call in tree.find_all(nodes.Call):
            if _called_name(call) in macros:
                for argument in call.args:
                    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                        yield argument.lineno, argument.value

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text of the template.

        Raises:
            BotlabError: When the template has a fault, or exceeds a limit. The message names the
                file and the line.
        """
        try:
            template = self._environment.get_template(self._file.name)
            self._environment.limits.start(values)
            return "".join(self._environment.written(template.generate(values)))
        except BotlabError:
            raise
        # A template can fail with any error: those of Jinja, and those of a wrong value.
        except Exception as error:
            file, line = _place_of(error, self._file)
            raise FileError(file, _reason(error), line) from None


def _called_name(call: nodes.Call) -> str:
    """Return the name of the macro or the method that is called; empty if it has none."""
    if isinstance(call.node, nodes.Getattr):
        return call.node.attr
    return call.node.name if isinstance(call.node, nodes.Name) else ""


def _reason(error: Exception) -> str:
    """Return the message of a template's error in one line."""
    if isinstance(error, RecursionError):
        return "the template is nested too deeply"
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template {error.name} beside the template of the profile"
    message = error.message if isinstance(error, jinja2.TemplateError) else str(error)
    return " ".join((message or "").split()) or type(error).__name__


def _place_of(error: Exception, file: Path) -> tuple[str, int]:
    """Return the file and the line of a template's error; line 0 when it is not known."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.filename or str(file), error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    of_templates = [frame for frame in frames if frame.filename.endswith(file.suffix)]
    # An undefined name fails in the macro of this project that gets it.
    of_profile = [frame for frame in of_templates if Path(frame.filename).parent == file.parent]
    places = of_profile or of_templates
    if not places:
        return str(file), 0
    return places[-1].filename, places[-1].lineno or 0
