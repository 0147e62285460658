"""Where the templates and charm facts are: inside the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def templates_dir() -> Path:
    """Return the folder of the profiles."""
    inside = _PACKAGE / "_data" / "bundle-templates"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "bundle-templates"


def own_charms_dir() -> Path:
    """Return the folder of this suite's own charms, one sub-folder each."""
    inside = _PACKAGE / "_data"
    return inside / "charms" if inside.is_dir() else _PACKAGE.parents[1] / "charms"
