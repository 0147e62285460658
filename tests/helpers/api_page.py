"""The page about the Python library (docs/python-library.md), from the docstrings of its objects.

Run ``python -m helpers.api_page > docs/python-library.md`` to write it again.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botlab import api

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/library/check_labs.py"
_INTRODUCTION = """\
# Python library

The module `botlab.api` reads a site, checks it, renders its bundle and plans the deployment, as
the commands do. Its functions print nothing, connect to nothing and write no file. What is wrong
with a site are findings in the result, all at once. Only input that cannot be read, and an
argument of a wrong type, is an exception: a `BotlabError`. The functions can be called from
several threads.

```python
from botlab.api import load_site, plan, render, validate

lab = load_site("site.yaml")
for finding in validate(lab).findings:
    print(finding.file, finding.line, finding.id, finding.message, finding.fix)
rendering = render(lab)
if rendering.ok:
    print(rendering.text)
    print("\\n".join(plan(lab).lines))
```

This page is generated from the docstrings of the module. The package has types (`py.typed`), so
that mypy and pyright check your code. Names that this page does not list are not part of the
library, and may change at any time. [The changelog](../CHANGELOG.md) lists the changes of those
that it lists.

## An example

This script checks all site files of a directory. It is
[`examples/library/check_labs.py`](../examples/library/check_labs.py), which the tests run.

"""
_SECTIONS = ("Args", "Returns", "Raises", "Attributes")
# The objects that the library returns, in the order of the page; the others follow.
_ORDER = ("load_site", "validate", "render", "plan", "Lab", "Validation", "Rendering", "Plan")


def page() -> str:
    """Return the page in Markdown."""
    script = EXAMPLE.read_text(encoding="utf-8").rstrip()
    names = [*_ORDER, *sorted(set(api.__all__) - set(_ORDER))]
    entries = "\n".join(_entry(name) for name in names)
    return f"{_INTRODUCTION}```python\n{script}\n```\n\n## Functions and classes\n\n{entries}"


def _entry(name: str) -> str:
    thing = getattr(api, name)
    lines = [f"### `{name}`", ""]
    if inspect.isfunction(thing):
        lines += ["```python", *_signature(name, thing), "```", ""]
    lines += _markdown(inspect.getdoc(thing) or "")
    for member, text in _members(thing):
        lines += [f"`{member}`: {_plain(text)}", ""]
    return "\n".join(lines)


def _signature(name: str, function: Any) -> Iterator[str]:
    """Yield the signature, with a line for each parameter."""
    signature = inspect.signature(function)
    yield f"def {name}("
    is_keyword = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            yield "    *,"
        yield f"    {_unquoted(str(parameter))},"
    yield f") -> {signature.return_annotation}"


def _unquoted(text: str) -> str:
    """Return a parameter without the quotation marks of its annotation and default."""
    return re.sub(r"'([^']+)'", r"\1", text).replace("''", '""')


def _markdown(docstring: str) -> Iterator[str]:
    """Yield the lines of a docstring in Google's style, with its sections as lists."""
    summary, *sections = re.split(rf"^({'|'.join(_SECTIONS)}):\n", docstring, flags=re.MULTILINE)
    yield _plain(summary.strip())
    yield ""
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        yield f"{title}:"
        yield ""
        yield from _items(textwrap.dedent(body))
        yield ""


def _items(body: str) -> Iterator[str]:
    """Yield the entries of a section, each with its description on one line."""
    for entry in re.split(r"\n(?=\S)", body.strip()):
        words = " ".join(entry.split())
        name = re.match(r"(\w+): ", words)
        if name:
            yield f"- `{name[1]}`: {_plain(words[name.end() :])}"
        else:
            yield _plain(words)


def _members(thing: Any) -> Iterator[tuple[str, str]]:
    """Yield the methods and properties that a class of the library itself documents."""
    if not inspect.isclass(thing) or thing.__module__ not in ("botlab.api", "botlab.findings"):
        return
    for name, member in vars(thing).items():
        target = member.fget if isinstance(member, property) else member
        documented = inspect.isfunction(target) and not name.startswith("_")
        if documented and target.__doc__:
            shown = name if isinstance(member, property) else f"{name}()"
            yield shown, inspect.getdoc(target).split("\n\n")[0]


def _plain(text: str) -> str:
    """Return text with the roles and marks of docstrings as Markdown."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")


if __name__ == "__main__":
    print(page(), end="")
