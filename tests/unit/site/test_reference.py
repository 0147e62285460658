"""The reference of the site file's keys."""

from __future__ import annotations

from pathlib import Path

from botlab.site.fields import field_at
from botlab.site.reference import reference_page

PAGE = Path(__file__).resolve().parents[3] / "docs/site-file.md"


def test_page_in_docs_is_generated_from_the_model() -> None:
    """Write docs/site-file.md again with reference_page() when this test fails."""
    assert PAGE.read_text(encoding="utf-8") == reference_page()
    assert "## `metallb.pools.*.addresses`" in reference_page()
    assert "## `machines.*.roles`" in reference_page()


def test_every_key_has_the_description_that_explain_shows() -> None:
    """Keys of whole sections too."""
    entries = [entry.split("\n") for entry in reference_page().split("\n## ")[1:]]
    texts = {lines[0].strip("`"): " ".join(" ".join(lines[1:]).split()) for lines in entries}
    fields = {key: field_at(tuple(key.replace("[]", "").split("."))) for key in texts}

    assert len(texts) > 80
    for key, field in fields.items():
        assert field is not None, key
        assert field.description, key
        assert texts[key].startswith(field.description), key
