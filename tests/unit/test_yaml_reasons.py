"""What is wrong with a YAML text, in words for people."""

from __future__ import annotations

import pytest

from botlab.errors import BotlabError
from botlab.yaml_nodes import compose

REASONS = {
    "site: lab\nmachines:\n\tnode0: {}\n": ":3:1: the line is indented with a tab; indent it with"
    " spaces",
    "a:\n  b: 1\n  \tc: 1\n": ":3:3: the line is indented with a tab; indent it with spaces",
    "a: |\n\t x\n": ":2:1: the line is indented with a tab; indent it with spaces",
    "machines:\n  node0:\n    tags: [a]\n\n   roles: [etcd]\n": ":5:4: the line is indented by 3"
    " spaces, which differs from line 3 (4 spaces) and from line 2 (2 spaces); indent it like the"
    " line that it belongs to",
    "x:\n  - a\n - b\n": ":3:2: the line is indented by 1 space, which differs from line 2 (2"
    " spaces) and from line 1 (0 spaces); indent it like the line that it belongs to",
    "site: lab\n\n  juju: 3.6\n": ":3:7: the line is indented more than line 1, which already has"
    " a value; indent both lines equally",
    "a: 1\nsite: a: b\n": ":2:8: the line has a second colon; quote the text that contains it",
    "machines:\n  a: b\n  c\n": ":4:1: the key on line 3 has no colon; write KEY: VALUE",
    "machines: {a: 1\nkubernetes: 1\n": ":2:11: the { on line 1, column 11 is not closed, or a"
    " comma is missing after it",
    "- 1\n- [a, b\n": ":3:1: the [ on line 2, column 3 is not closed, or a comma is missing after"
    " it",
    'site: "lab\n': ':2:1: the " on line 1, column 7 is not closed',
    "a: 1\n- b\n": ":2:1: did not find expected key while parsing a block mapping",
    "a: @x\n": ":1:4: found character that cannot start any token while scanning for the next"
    " token",
}


@pytest.mark.parametrize("text", REASONS)
def test_reason_names_the_lines_to_compare(text: str) -> None:
    """The parser's own words remain where the cause is not known."""
    with pytest.raises(BotlabError) as error:
        compose(text, "site.yaml")

    position, _, reason = REASONS[text].partition(": ")
    assert str(error.value) == f"site.yaml{position}: cannot be read as YAML: {reason}"
