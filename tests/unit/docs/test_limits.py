"""The page about limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.bundle import limits
from botlab.kit import limits as kit_limits
from botlab.text_files import LARGEST_FILE
from botlab.yaml_limits import MAX_DEPTH, MAX_NODES

_PAGE = Path(__file__).resolve().parents[3] / "docs/explanation/limits.md"


@pytest.mark.parametrize(
    "row",
    [
        f"| size of a file, also of an included one | {LARGEST_FILE >> 20} MiB |",
        f"| nesting of YAML and JSON | {MAX_DEPTH} levels, also through aliases |",
        f"| values in a YAML or JSON file | {MAX_NODES:,} |",
        f"| applications | {limits.MAX_APPLICATIONS:,} |",
        f"| machines | {limits.MAX_MACHINES:,} |",
        f"| units of all applications together | {limits.MAX_UNITS:,} |",
        f"| relations | {limits.MAX_RELATIONS:,} |",
        f"| documents in the file of a bundle or an overlay | {limits.MAX_DOCUMENTS} |",
        f"| files of a kit | {kit_limits.MOST_FILES:,} |",
        "| size of a file of a kit, and of a whole kit |"
        f" {kit_limits.LARGEST_FILE >> 30} GiB, {kit_limits.LARGEST_KIT >> 30:,} GiB |",
    ],
)
def test_page_lists_the_limits_of_the_code(row: str) -> None:
    """A reader must not have to try them."""
    assert row in _PAGE.read_text(encoding="utf-8").splitlines()
