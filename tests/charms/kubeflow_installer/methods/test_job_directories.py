"""The directories of background jobs."""

from __future__ import annotations

from pathlib import Path

from helpers.kubeflow.kfctl_jobs import job
from helpers.processes import is_gone, until
from kubeflow_installer.jobs import launcher
from kubeflow_installer.methods.job_directories import BUILD, KFCTL_RUN, remove_all, remove_except


def test_all_jobs_of_a_kind_are_removed_but_one(tmp_path: Path) -> None:
    """Jobs of the other kind, and other directories, stay."""
    for name in ("run-a", "run-b", "building-a", "other"):
        (tmp_path / name).mkdir()

    remove_except(str(tmp_path), KFCTL_RUN, str(tmp_path / "run-b"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["building-a", "other", "run-b"]

    remove_except(str(tmp_path), BUILD)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "run-b"]


def test_application_without_a_directory_has_no_jobs(tmp_path: Path) -> None:
    home = str(tmp_path / "none")

    remove_all(home)
    remove_except(home, KFCTL_RUN)
    assert not Path(home).exists()


def test_running_jobs_are_ended_before_their_directories_are_removed(tmp_path: Path) -> None:
    directory = tmp_path / "run-a"
    work = tmp_path / "work"
    work.mkdir()
    script = f"echo $$ > {work}/started; exec sleep 300"
    assert launcher.start(str(directory), job(work, script))
    until(lambda: (work / "started").exists() and (work / "started").read_text())
    process = int((work / "started").read_text())

    remove_all(str(tmp_path))

    assert not directory.exists()
    until(lambda: is_gone(process))
