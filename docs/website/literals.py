"""Short names in the text that no line break divides, as an extension of Sphinx.

A browser may break a line after each hyphen, also after the first one of `--maas`.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 24


def mark_short_literals(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Give literals that fit into any line a class, for which the style forbids line breaks."""
    for literal in tree.findall(nodes.literal):
        if len(literal.astext()) <= LONGEST:
            literal["classes"].append("short")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the change of each page."""
    app.connect("doctree-resolved", mark_short_literals)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
