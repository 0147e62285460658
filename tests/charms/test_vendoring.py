"""What the packer takes into an archive, and what programs left beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import pack
import vendor

WHEEL = (
    "sample/__init__.py",
    "sample/parser.py",
    "sample/tests/__init__.py",
    "sample/_speedups.cpython-310-x86_64-linux-gnu.so",
    "sample/parser.pyi",
    "sample-1.dist-info/METADATA",
    "sample-1.dist-info/RECORD",
    "sample-1.dist-info/WHEEL",
    "sample-1.dist-info/licenses/LICENSE",
)
KEPT = ["sample-1.dist-info/METADATA", "sample-1.dist-info/licenses/LICENSE"]
SOURCES = ("src/charm.py", "src/sample/tables.yaml", "src/sample/__init__.py")
TRACES = (
    "src/.charm.py.swp",
    "src/charm.py~",
    "src/sample/.mypy_cache/3.8/a.json",
    "src/sample/__pycache__/a.pyc",
)


def write(directory: Path, *names: str) -> None:
    """Write empty files below a directory."""
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the packer get the wheel above in place of a download; return the requested sets."""
    requested: list[str] = []

    def download(name: str, lock: str, target: str) -> None:
        requested.append(name)
        with zipfile.ZipFile(Path(target, "sample-1-py3-none-any.whl"), "w") as wheel:
            for file in WHEEL:
                wheel.writestr(file, "")

    monkeypatch.setattr(vendor, "_download", download)
    return requested


def files_in(directory: str) -> list[str]:
    """Return the names of the files below a directory."""
    paths = (path for path in Path(directory).rglob("*") if path.is_file())
    return sorted(str(path.relative_to(directory)) for path in paths)


def test_wheels_come_without_compiled_parts_and_tests(
    tmp_path: Path, downloads: list[str]
) -> None:
    """They are downloaded once. Nothing of the download stays in the cache."""
    directories = {vendor.vendor("modern", str(tmp_path)) for _ in range(2)}

    assert downloads == ["modern"]
    assert [str(path) for path in tmp_path.iterdir()] == list(directories)
    assert files_in(directories.pop()) == [*KEPT, "sample/__init__.py", "sample/parser.py"]


def test_faster_packer_keeps_its_wheels(
    tmp_path: Path, downloads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two packers that start at a time have the same files, without those of the other in them."""
    slow_download = vendor._download

    def overtaken_download(name: str, lock: str, target: str) -> None:
        monkeypatch.setattr(vendor, "_download", slow_download)
        vendor.vendor(name, str(tmp_path))
        slow_download(name, lock, target)

    monkeypatch.setattr(vendor, "_download", overtaken_download)

    directory = vendor.vendor("modern", str(tmp_path))

    assert downloads == ["modern", "modern"]
    assert [str(path) for path in tmp_path.iterdir()] == [directory]
    assert files_in(directory) == [*KEPT, "sample/__init__.py", "sample/parser.py"]


def test_caches_and_copies_beside_the_sources_stay_out(tmp_path: Path) -> None:
    charm = tmp_path / "sample"
    write(charm, *SOURCES, *TRACES)
    (charm / "src/charm.py").write_text("#!/usr/bin/env python3\n")
    (charm / "src/charm.py").chmod(0o755)
    (charm / "charmcraft.yaml").write_text("name: sample\n")

    files = pack.archive_files(
        str(charm), pack.Target("jammy-noble", "amd64"), str(tmp_path / "venv")
    )

    assert sorted(name for name in files if name.startswith("src/")) == sorted(SOURCES)


def test_archive_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, downloads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier archive stays as it is."""
    target = pack.Target("jammy-noble", "amd64")
    archive = tmp_path / "out" / target.archive_name("metallb")
    write(tmp_path, f"out/{archive.name}")

    def fail(path: str, files: pack.Files) -> None:
        Path(path).touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(pack, "_write_archive", fail)
    charm = str(Path(pack.CHARMS, "metallb"))
    with pytest.raises(KeyboardInterrupt):
        pack.pack(charm, target, str(archive.parent), str(tmp_path / "cache"))

    assert list(archive.parent.iterdir()) == [archive]
