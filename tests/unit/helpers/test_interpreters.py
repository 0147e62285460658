"""An interpreter counts only after it ran."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.interpreters import find_python

VERSION = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture(autouse=True)
def no_remembered_interpreters() -> Iterator[None]:
    """Search again in each test."""
    find_python.cache_clear()
    yield
    find_python.cache_clear()


def install(folder: Path, script: str) -> Path:
    """Put a program named like an interpreter of this version into a directory."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / f"python{VERSION}"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def use(monkeypatch: pytest.MonkeyPatch, pyenv: Path, path: Path) -> None:
    """Search below these directories alone."""
    monkeypatch.setenv("PYENV_ROOT", str(pyenv))
    monkeypatch.setenv("PATH", str(path))


def test_inactive_pyenv_shim_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(tmp_path / "shims", "exit 127")
    use(monkeypatch, tmp_path / "pyenv", tmp_path / "shims")
    assert find_python(VERSION) == ""


def test_broken_pyenv_version_falls_back_to_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(tmp_path / f"pyenv/versions/{VERSION}.1/bin", "exit 1")
    works = install(tmp_path / "bin", f'exec "{sys.executable}" "$@"')
    use(monkeypatch, tmp_path / "pyenv", tmp_path / "bin")
    assert find_python(VERSION) == str(works)


def test_interpreter_of_another_version_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(tmp_path / "bin", "echo 2.7")
    use(monkeypatch, tmp_path / "pyenv", tmp_path / "bin")
    assert find_python(VERSION) == ""
