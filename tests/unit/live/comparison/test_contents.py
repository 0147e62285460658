"""The files of a local charm, compared with those on the machine of a unit."""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from pathlib import Path

from botlab.bundle.model import Application, Bundle
from botlab.juju import Juju
from botlab.live.comparison.contents import archive_digests, is_same_content, same_contents
from botlab.live.errors import CallTimedOutError
from botlab.live.lab import Lab
from botlab.live.results import CommandResult
from botlab.live.status.model import ApplicationStatus, ModelStatus, StatusInfo, UnitStatus
from botlab.live.time_limits import Deadline
from helpers.live_models import FakeModel

DIRECTORY = "/var/lib/juju/agents/unit-web-0/charm"
FILES = {"metadata.yaml": "name: web\n", "src/charm.py": "version 2\n"}


def _status(agent: str = "idle") -> ModelStatus:
    unit = UnitStatus("web/0", "web", agent=StatusInfo(agent))
    return ModelStatus("lab", units={"web/0": unit})


def _archive(directory: Path) -> Path:
    path = directory / "web.charm"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
        archive.writestr("revision", "0")
        archive.writestr("venv/library.py", "import os\n")
        archive.writestr("src/__pycache__/charm.pyc", "compiled")
        archive.writestr("src/a name.py", "the shell of Juju would split this name")
        link = zipfile.ZipInfo("dispatch")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "src/charm.py")
    return path


def _output(files: dict[str, str]) -> str:
    lines = [
        f"{hashlib.sha256(text.encode()).hexdigest()}  {DIRECTORY}/{name}"
        for name, text in files.items()
    ]
    return "\n".join(lines)


def _model(stdout: str, status: int = 0) -> FakeModel:
    return FakeModel(commands={("web/0", "sha256sum"): CommandResult("web/0", status, stdout)})


def test_files_that_only_the_archive_decides_are_compared(tmp_path: Path) -> None:
    assert list(archive_digests(_archive(tmp_path))) == ["metadata.yaml", "src/charm.py"]


def test_same_files_are_the_same_charm(tmp_path: Path) -> None:
    model = _model(_output(FILES))
    assert is_same_content(model, _status(), "web", _archive(tmp_path)) is True
    paths = [f"{DIRECTORY}/{name}" for name in FILES]
    assert model.calls == [("exec", "web/0", "sha256sum", "--", *paths)]


def test_changed_or_missing_file_is_another_charm(tmp_path: Path) -> None:
    archive = _archive(tmp_path)
    changed = _output({**FILES, "src/charm.py": "version 1\n"})
    missing = _output({"metadata.yaml": FILES["metadata.yaml"]})
    assert is_same_content(_model(changed), _status(), "web", archive) is False
    assert is_same_content(_model(missing, 1), _status(), "web", archive) is False


def test_content_is_not_known_if_no_unit_answers(tmp_path: Path) -> None:
    archive = _archive(tmp_path)
    assert is_same_content(_model(""), _status("lost"), "web", archive) is None
    assert is_same_content(_model(""), _status(), "web", archive) is None
    late = FakeModel(commands={("web/0", "sha256sum"): CallTimedOutError("juju exec", 60)})
    assert is_same_content(late, _status(), "web", archive) is None


def test_content_is_not_known_if_the_archive_cannot_be_read(tmp_path: Path) -> None:
    model = _model(_output(FILES))
    assert is_same_content(model, _status(), "web", tmp_path / "none.charm") is None
    assert model.calls == []


def test_only_local_charms_of_the_model_are_compared(tmp_path: Path) -> None:
    archive = _archive(tmp_path)
    local = Application(f"./{archive.name}")
    applications = {"web": local, "new": local, "etcd": Application("etcd")}
    lab = Lab("lab", Juju.V3_6, Bundle(applications={**applications}, directory=str(tmp_path)))
    status = dataclasses.replace(
        _status(), applications={name: ApplicationStatus(name) for name in ("web", "etcd")}
    )
    model = _model(_output(FILES))
    assert same_contents(model, status, lab, Deadline(None)) == {"web": True}
    assert same_contents(_model(""), status, lab, Deadline(None)) == {}
