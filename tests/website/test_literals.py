"""Short names in the text."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.utils import new_document

from website.literals import LONGEST, mark_short_literals


@pytest.mark.parametrize(("length", "classes"), [(LONGEST, ["short"]), (LONGEST + 1, [])])
def test_literal_that_fits_into_any_line_is_short(length: int, classes: list[str]) -> None:
    text = "-" * length
    page = new_document("page")
    page += nodes.paragraph("", "", nodes.literal(text, text), nodes.Text("-" * 3))
    mark_short_literals(None, page, "page")  # type: ignore[arg-type]

    assert [literal["classes"] for literal in page.findall(nodes.literal)] == [classes]
