"""The documentation of the lab's rules, out of their register and their examples."""

from __future__ import annotations

import textwrap

from . import rules
from .examples import Example, base_site, examples
from .rule import Rule

_HEAD = """\
# Rules

`botlab explain ID` prints one of them. Ids are stable.

`BL001` to `BL005` come from reading a file (unknown key, wrong type, missing key, value out of
rule, repeated key); `BL011` to `BL015` from rendering (an application, placement, server or
profile that is not known, a local charm that is not there yet).
`J...` ids are Juju's own rules, told in its words (`source: juju`).

| rule | severity | finds |
| --- | --- | --- |
"""
_BASE = """
The examples on the rules' pages are bundles, or layers over this site; the tests run them.

```yaml
{site}```
"""


def pages() -> dict[str, str]:
    """Return the pages as Markdown, by file name: an index and one page per rule."""
    rows = [f"| [{r.id}]({r.id}.md) | {r.severity.value} | {r.title} |\n" for r in rules()]
    index = _HEAD + "".join(rows) + _BASE.format(site=base_site())
    told = examples()
    return {"README.md": index, **{f"{r.id}.md": _page(r, told[r.id]) for r in rules()}}


def _page(rule: Rule, example: Example) -> str:
    reason = textwrap.fill(rule.reason, 99)
    kind = "layer over the site" if example.layer else "bundle"
    parts = [
        f"# {rule.id}: {rule.title}",
        f"Severity: {rule.severity.value}.",
        reason,
        f"Found at `{example.path}` in this {kind}:",
        f"```yaml\n{example.fires.rstrip()}\n```",
        "Not found in:",
        f"```yaml\n{example.quiet.rstrip()}\n```",
    ]
    if example.juju != "2.9":
        parts.append(f"Both judged for Juju {example.juju}.")
    return "\n\n".join(parts) + "\n"
