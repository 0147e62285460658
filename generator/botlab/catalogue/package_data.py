"""Directories of profiles, charms, archives and rule pages: in the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def templates_directory() -> Path:
    """Return the directory that holds one directory per profile."""
    packaged = _PACKAGE / "_data" / "bundle-templates"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "bundle-templates"


def charms_directory() -> Path:
    """Return the directory that holds one directory per charm of this suite."""
    packaged = _PACKAGE / "_data" / "charms"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "charms"


def archives_directory() -> Path:
    """Return the directory that holds the charms' archives. Only a wheel has it."""
    return _PACKAGE / "_data" / "archives"


def rule_pages_directory() -> Path:
    """Return the directory that holds one page per rule."""
    packaged = _PACKAGE / "_data" / "rules"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "docs" / "rules"
