"""Whether an application gets another local charm."""

from __future__ import annotations

import os
from pathlib import Path

from botlab.bundle.model import Application
from botlab.plan.archives import is_changed_archive


def is_changed(old: Path, new: Path, charm: str = "./c.charm", other: str = "") -> bool:
    """Compare an application in the bundles of two directories."""
    before, after = Application(charm=charm), Application(charm=other or charm)
    return is_changed_archive(before, str(old), after, str(new))


def test_content_decides_where_both_files_exist(tmp_path: Path) -> None:
    """Also where the size and the time of both files are the same."""
    old, new = tmp_path / "old", tmp_path / "new"
    for directory, content in ((old, b"one"), (new, b"two")):
        directory.mkdir()
        (directory / "c.charm").write_bytes(content)
        os.utime(directory / "c.charm", (0, 0))

    assert is_changed(old, new)
    assert not is_changed(old, old)
    (new / "c.charm").write_bytes(b"one")
    assert not is_changed(old, new)


def test_paths_decide_where_a_file_does_not_exist(tmp_path: Path) -> None:
    """A charm of a store is not a file."""
    old, new = tmp_path / "old", tmp_path / "new"

    assert not is_changed(old, new)
    assert is_changed(old, new, "./c.charm", "./d.charm")
    assert not is_changed(old, new, "c", "d")
