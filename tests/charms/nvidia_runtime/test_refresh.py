"""The charm refreshed from the previous release to this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.gpu_machine import make_gpu_machine
from helpers.gpu_unit import Age, GpuUnit
from helpers.previous_release import previous_archive

AGES = [Age("bionic-focal", "3.6", "2.6"), Age("jammy-noble", "3.12", "3.6")]
PROGRAM = "usr/local/lib/nvidia-runtime"
OPTIONS = {"driver": "none", "hold-driver": True, "runtime-args": "--debug"}


@pytest.mark.parametrize("age", AGES, ids=str)
def test_refresh_changes_nothing_but_the_program(age: Age, archives: Path, tmp_path: Path) -> None:
    """No other file is written, and neither docker nor anything else is restarted."""
    unit = GpuUnit(previous_archive("nvidia-runtime", age.platform), age, tmp_path)
    make_gpu_machine(unit.root)
    unit.juju.configure(OPTIONS)
    unit.run("install", "juju-info-relation-joined", "config-changed", "start")
    before = snapshot(unit.root)
    unit.changing_commands()

    unit.refresh(archive_in(archives, "nvidia-runtime", age.platform))
    status = unit.run("update-status")

    assert status.startswith("active"), status
    assert outside_program(snapshot(unit.root)) == outside_program(before)
    assert unit.changing_commands() == []


@pytest.mark.parametrize("age", AGES, ids=str)
def test_refreshed_program_has_the_files_of_a_new_installation(
    age: Age, archives: Path, tmp_path: Path
) -> None:
    """Modules that exist no longer are removed, and no module is missing."""
    archive = archive_in(archives, "nvidia-runtime", age.platform)
    programs = []
    for name, first in (
        ("new", archive),
        ("old", previous_archive("nvidia-runtime", age.platform)),
    ):
        (tmp_path / name).mkdir()
        unit = GpuUnit(first, age, tmp_path / name)
        make_gpu_machine(unit.root)
        unit.run("install")
        unit.refresh(archive)
        programs.append(contents(unit.root / PROGRAM))

    assert programs[0] == programs[1]
    assert "reconciler/settings.py" in programs[0]


def snapshot(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return the time of change and the content of every file below a directory."""
    return {
        str(path.relative_to(root)): (path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def outside_program(files: dict[str, tuple[int, bytes]]) -> dict[str, object]:
    """Return the files that do not belong to the program."""
    return {name: file for name, file in files.items() if not name.startswith(PROGRAM)}


def contents(directory: Path) -> dict[str, str]:
    """Return the text of every file below a directory."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_text() for path in paths}
