"""The files of a job's directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubeflow_installer.jobs import workdir


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Only its owner may read it, and no part of it stays behind."""
    workdir.write_json(str(tmp_path), "result.json", {"ok": True})
    workdir.write_json(str(tmp_path), "result.json", {"ok": False})

    assert workdir.read_json(str(tmp_path), "result.json") == {"ok": False}
    (path,) = tmp_path.iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == ("result.json", 0o600)


@pytest.mark.parametrize("text", [None, "", '{"ok": tr', "[]", "1"])
def test_file_that_is_missing_or_incomplete_is_empty(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "result.json").write_text(text)

    assert workdir.read_json(str(tmp_path), "result.json") == {}


def test_directory_is_idle_unless_a_job_holds_its_lock(tmp_path: Path) -> None:
    """A second job does not get it."""
    directory = str(tmp_path)
    assert workdir.is_idle(directory)
    with workdir.exclusive(directory) as is_alone:
        assert is_alone
        assert not workdir.is_idle(directory)
        with workdir.exclusive(directory) as is_second_alone:
            assert not is_second_alone
    assert workdir.is_idle(directory)
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
