"""Directories are identified as git identifies them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from kubeflow_installer.sources.git_tree import tree_digest


def test_tree_digest_is_that_of_git(tmp_path: Path) -> None:
    """For directories, programs, unusual names and their order."""
    files = {
        "a/b": b"1", "a.b": b"2", "a-b/c": b"3", "a0": b"", "run": b"#!/bin/sh\n",
        "d/e/f/g": b"x" * 70000, "\u00e4": b"4",
    }  # fmt: skip
    for name, body in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "empty" / "inner").mkdir(parents=True)

    def git(*args: str) -> str:
        command = ["git", "-C", str(tmp_path), *args]
        environment = {**os.environ, "GIT_DIR": str(tmp_path.with_suffix(".git"))}
        environment["GIT_WORK_TREE"] = str(tmp_path)
        process = subprocess.run(command, check=True, capture_output=True, env=environment)
        return process.stdout.decode().strip()

    git("init", "-q")
    git("-c", "core.autocrlf=false", "add", "-A")
    assert tree_digest(str(tmp_path)) == git("write-tree")
