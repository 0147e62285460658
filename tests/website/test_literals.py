"""Short and long names in the text."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.utils import new_document

from website.literals import LONGEST, mark_literals


@pytest.mark.parametrize(("length", "classes"), [(LONGEST, ["short"]), (LONGEST + 1, [])])
def test_literal_that_fits_into_any_line_is_short(length: int, classes: list[str]) -> None:
    text = "-" * length
    page = new_document("page")
    page += nodes.paragraph("", "", nodes.literal(text, text), nodes.Text("-" * 3))
    mark_literals(None, page, "page")  # type: ignore[arg-type]

    assert [literal["classes"] for literal in page.findall(nodes.literal)] == [classes]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("rbac.authorization.k8s.io/clusterroles",
         ["rbac.", "authorization.", "k8s.", "io/", "clusterroles"]),
        ("nfsvers=4.1,hard,nconnect=4", ["nfsvers=", "4.", "1,", "hard,", "nconnect=", "4"]),
        ("BOTLAB_JUJU_PASSWORD_FILE", ["BOTLAB_", "JUJU_", "PASSWORD_", "FILE"]),
        ("../charms/shared/lib/labcharm", ["../charms/", "shared/", "lib/", "labcharm"]),
        ("active: https://192.168.1.240", ["active: https://192.", "168.", "1.", "240"]),
        ("a sentence without such places", ["a sentence without such places"]),
    ],
)  # fmt: skip
def test_long_literal_may_break_between_its_parts(text: str, pieces: list[str]) -> None:
    """The text of the page stays the same."""
    page = new_document("page")
    literal = nodes.literal(text, text)
    page += nodes.paragraph("", "", literal)

    mark_literals(None, page, "page")  # type: ignore[arg-type]

    assert [child.astext() for child in literal if isinstance(child, nodes.Text)] == pieces
    marks = [child.astext() for child in literal if isinstance(child, nodes.raw)]
    assert marks == ["<wbr>"] * (len(pieces) - 1)
    assert "".join(pieces) == text
