"""Jobs of kfctl with a shell script in place of the program."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from helpers.processes import until
from kubeflow_installer.jobs import launcher
from kubeflow_installer.methods import kfctl as kfctl_method
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.transform import SiteSettings
from labkube.client.access import Access

HASH = "$2a$10$" + "h" * 53


def archive(directory: Path, name: str, member: str, body: str) -> str:
    """Write an archive with one file."""
    path = directory / name
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size, entry.mode = len(body), 0o755
        tar.addfile(entry, io.BytesIO(body.encode()))
    return str(path)


def job(directory: Path, script: str, release: str = "1.0.2", **changed: Any) -> dict[str, Any]:
    """Return a job with a shell script in place of kfctl."""
    files = {name: archive(directory, f"{name}.tar.gz", "top/a", "a") for name in ("manifests",)}
    files["platform"] = files["manifests"]
    files["kfctl"] = archive(directory, "kfctl.tar.gz", "./kfctl", f"#!/bin/sh\n{script}\n")
    request = SimpleNamespace(
        release=SimpleNamespace(name=release),
        application="kf",
        access=Access("https://127.0.0.1:9", "", "token-of-the-admin"),
        settings=SiteSettings(
            "", "none", (Toleration("a", "b", "NoSchedule"),), "jo@lab", HASH, "key", ""
        ),
        options=SimpleNamespace(excluded=("spartakus",)),
        credentials=SimpleNamespace(password="the-password"),  # noqa: S106
        first_user="jo@lab",
        files=files,
    )
    return {**kfctl_method.job(request), "pauses": [0.1, 0.1], **changed}


def run(directory: Path, definition: dict[str, Any]) -> tuple[launcher.JobState, dict[str, Any]]:
    """Run a job to its end; return its state and its result file."""
    assert launcher.start(str(directory), definition)
    until(lambda: not launcher.read_state(str(directory)).is_running)
    return launcher.read_state(str(directory)), json.loads((directory / "result.json").read_text())
