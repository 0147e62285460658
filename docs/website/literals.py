"""Line breaks in the names of the text, as an extension of Sphinx.

A browser may break a line after each hyphen, also after the first one of `--maas`, so no line
break divides a short name. It breaks no line after the dots and slashes of a long name, such as
`rbac.authorization.k8s.io/clusterroles`, so these places are marked.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 24
# After a dot, slash, comma, equals sign or underscore inside of a name.
_BREAKS = re.compile(r"(?<=\w[./,=_])(?=\w)")


def mark_literals(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Give short literals a class that the style does not divide, and mark places in long ones."""
    for literal in list(tree.findall(nodes.literal)):
        if len(literal.astext()) <= LONGEST:
            literal["classes"].append("short")
        else:
            _mark_breaks(literal)


def _mark_breaks(literal: nodes.literal) -> None:
    """Mark the places of a literal where a line may break. A copied text does not have them."""
    first, *others = _BREAKS.split(literal.astext())
    literal.children = []
    literal += nodes.Text(first)
    for piece in others:
        literal += [nodes.raw("", "<wbr>", format="html"), nodes.Text(piece)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the change of each page."""
    app.connect("doctree-resolved", mark_literals)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
