"""The documentation of the lab's rules, out of their register and their examples."""

from __future__ import annotations

import textwrap

from . import rules
from .early import Early, early_findings
from .examples import Example, base_site, examples
from .rule import Rule

_HEAD = """\
# Rules

`botlab explain ID` prints one of them. Ids are stable.

`BL001` to `BL005` come from reading a file, `BL011` to `BL015` from rendering a site.
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
    all_of_them = [*early_findings(), *rules()]
    rows = [f"| [{r.id}]({r.id}.md) | {r.severity.value} | {r.title} |\n" for r in all_of_them]
    index = _HEAD + "".join(rows) + _BASE.format(site=base_site())
    told = examples()
    return {"README.md": index, **{f"{r.id}.md": _page(r, told[r.id]) for r in all_of_them}}


def _page(rule: Rule | Early, example: Example) -> str:
    reason = textwrap.fill(rule.reason, 99)
    kind = "layer over the site" if example.layer else "bundle"
    mend = [textwrap.fill(f"Mend: {rule.mend}.", 99)] if isinstance(rule, Early) else []
    parts = [
        f"# {rule.id}: {rule.title}",
        f"Severity: {rule.severity.value}.",
        reason,
        *mend,
        f"Found at `{example.path}` in this {kind}:",
        f"```yaml\n{example.fires.rstrip()}\n```",
        "Not found in:",
        f"```yaml\n{example.quiet.rstrip()}\n```",
    ]
    if example.juju != "2.9":
        parts.append(f"Both judged for Juju {example.juju}.")
    return "\n\n".join(parts) + "\n"
