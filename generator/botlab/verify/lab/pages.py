"""The documentation of the lab's rules, out of their register."""

from __future__ import annotations

import textwrap

from . import rules

_HEAD = """\
# Rules

`botlab explain ID` prints one of them. Ids are stable.

`BL001` to `BL005` come from reading a file (unknown key, wrong type, missing key, value out of
rule, repeated key); `BL010` to `BL015` from rendering (a charm that is not carried, an
application, placement, server or profile that is not known, a local charm that is not there yet).
`J...` ids are Juju's own rules, told in its words (`source: juju`).
"""


def page() -> str:
    """Return the page of all rules, as Markdown."""
    parts = [_HEAD]
    for rule in rules():
        reason = textwrap.fill(rule.reason, 99)
        parts.append(
            f"## {rule.id}: {rule.title}\n\nSeverity: {rule.severity.value}.\n\n{reason}\n"
        )
    return "\n".join(parts)
