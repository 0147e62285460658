"""Everything that a release consists of, made twice: from the checkout, and from its own source.

``tox -e wheel`` runs this with the locked build backend.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

validation = pytest.importorskip("cyclonedx.validation.json", reason="tox -e wheel installs it")
pytest.importorskip("hatchling", reason="tox -e wheel installs it")

from cyclonedx.schema import SchemaVersion  # noqa: E402

import pack  # noqa: E402 - the modules above decide whether there is anything to test
from helpers.releases import ROOT, make_release  # noqa: E402
from lock_file import locked_packages  # noqa: E402
from make_release import check_replaced, replace_release  # noqa: E402

ARCHIVES = [
    pack.Target(platform, architecture).archive_name(charm)
    for charm in pack.charm_names()
    for platform in sorted(pack.PLATFORMS)
    for architecture in pack.ARCHITECTURES
]


def sbom_of(file: Path) -> dict[str, Any]:
    """Return the SBOM of a file."""
    return dict(json.loads(file.with_name(f"{file.name}.cdx.json").read_text(encoding="utf-8")))


def wheel_of(release: Path) -> Path:
    """Return the wheel of a release."""
    (wheel,) = release.glob("*.whl")
    return wheel


def refs(components: list[dict[str, Any]]) -> set[str]:
    """Return the names and versions of components."""
    return {f"{component['name']}@{component['version']}" for component in components}


def test_release_has_all_files_and_their_digests(release: Path) -> None:
    """`sha256sum` accepts the digests."""
    wheel = wheel_of(release).name
    version = wheel.split("-")[1]
    described = [*ARCHIVES, wheel]

    assert {path.name for path in release.iterdir()} == {
        *described,
        *(f"{name}.cdx.json" for name in described),
        *(f"botlab-{version}.tar.gz", "RELEASE_NOTES.md", "SHA256SUMS"),
    }
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    process = subprocess.run(command, cwd=release, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert len(process.stdout.splitlines()) == len(list(release.iterdir())) - 1


def test_source_of_the_release_makes_the_same_release(release: Path, tmp_path: Path) -> None:
    """In another directory, with other times, modes and names of files in the environment."""
    (source,) = release.glob("*.tar.gz")
    # Not tarfile, whose `filter` older Pythons lack and newer ones ask for.
    subprocess.run(["tar", "--extract", "--file", source, "--directory", tmp_path], check=True)
    (root,) = tmp_path.iterdir()
    for path in root.rglob("*"):
        os.utime(path, (1, 1))

    again = make_release(root, tmp_path / "again")

    first = {path.name: path.read_bytes() for path in release.iterdir()}
    second = {path.name: path.read_bytes() for path in again.iterdir()}
    assert [name for name in first if first[name] != second.get(name)] == []
    assert set(second) == set(first)


@pytest.mark.parametrize("name", [*ARCHIVES, "*.whl"])
def test_sbom_is_valid(release: Path, name: str) -> None:
    """By CycloneDX's own schema, without unknown keys."""
    (file,) = release.glob(name)
    text = file.with_name(f"{file.name}.cdx.json").read_text(encoding="utf-8")

    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


@pytest.mark.parametrize("name", ARCHIVES)
def test_sbom_of_a_charm_names_the_wheels_in_it(release: Path, name: str) -> None:
    """And the shared packages. Each wheel is named as PyPI names it."""
    with zipfile.ZipFile(release / name) as archive:
        names = archive.namelist()
        shared = {file.split("/")[1] for file in names if file.startswith("lib/")}
        wheels = {
            match[1].replace("_", "-") + "@" + match[2]
            for file in names
            if (match := re.fullmatch(r"venv/(.+)-(.+)\.dist-info/METADATA", file))
        }
    document = sbom_of(release / name)

    from_pypi = [part for part in document["components"] if "purl" in part]
    assert {part["purl"].partition("pkg:pypi/")[2] for part in from_pypi} == {
        wheel.lower() for wheel in wheels
    }
    assert wheels
    own = [part for part in document["components"] if "purl" not in part]
    assert {part["name"] for part in own} == shared
    assert all(part["licenses"] for part in document["components"])
    assert document["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_sbom_of_the_wheel_names_its_dependencies_and_the_charms_in_it(release: Path) -> None:
    """The direct dependencies are those of pyproject.toml."""
    wheel = wheel_of(release)
    document = sbom_of(wheel)
    lock = locked_packages((ROOT / "requirements/botlab.txt").read_text(encoding="utf-8"))
    with zipfile.ZipFile(wheel) as archive:
        packaged = [Path(name).name for name in archive.namelist() if "/_data/archives/" in name]

    libraries = [part for part in document["components"] if part["type"] == "library"]
    assert refs(libraries) == {f"{package.name}@{package.version}" for package in lock}
    charms = [part for part in document["components"] if part["type"] == "application"]
    assert sorted(part["bom-ref"] for part in charms) == sorted(packaged) == sorted(ARCHIVES)
    assert all(part["components"] for part in charms)
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    assert {ref.partition("@")[0] for ref in needs[wheel.name]} == {
        *("jinja2", "jubilant-backports", "kubernetes", "pydantic", "pyyaml", "rich", "shtab"),
    }


def test_wheel_has_the_archives_of_the_release(release: Path) -> None:
    """And no other file of the checkout than the package and its data."""
    with zipfile.ZipFile(wheel_of(release)) as wheel:
        for name in ARCHIVES:
            packaged = wheel.read(f"botlab/_data/archives/{name}")
            assert packaged == (release / name).read_bytes()
        top = {name.split("/")[0].partition("-")[0] for name in wheel.namelist()}
    assert top == {"botlab"}


def test_notes_name_no_page_that_is_not_beside_them(release: Path) -> None:
    text = (release / "RELEASE_NOTES.md").read_text(encoding="utf-8")

    assert text.startswith("# botlab ")
    assert re.findall(r"\]\((?!https?://)", text) == []


def test_directory_with_other_files_is_refused(tmp_path: Path) -> None:
    """They would be deleted."""
    (tmp_path / "thesis.txt").touch()
    command = [sys.executable, str(ROOT / "release/make_release.py"), "--output", str(tmp_path)]
    process = subprocess.run(command, capture_output=True, text=True)

    assert (process.returncode, process.stderr) == (
        1,
        f"{tmp_path}: has files that are not of a release; name another directory\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("sums", ["", "1  thesis.txt\n", "1  RELEASE_NOTES.md\n"])
def test_directory_is_no_release_because_of_its_digests(sums: str, tmp_path: Path) -> None:
    """Many downloads, such as a kit, have a file of this name."""
    (tmp_path / "thesis.txt").touch()
    (tmp_path / "SHA256SUMS").write_text(sums)

    with pytest.raises(SystemExit, match="has files that are not of a release"):
        check_replaced(tmp_path)


def test_earlier_release_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    output = tmp_path / "release"
    output.mkdir()
    (output / "SHA256SUMS").write_text("1  RELEASE_NOTES.md\n2  botlab.whl\n")
    (output / "botlab.whl").touch()
    check_replaced(output)

    with pytest.raises(FileNotFoundError):
        replace_release(tmp_path / "no-checkout", output, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["release"]
    assert (output / "botlab.whl").exists()


def test_program_that_is_asked_to_end_leaves_nothing(tmp_path: Path) -> None:
    """The half of a release is not in the place of one, nor beside it."""
    output = tmp_path / "dist/release"
    command = [sys.executable, str(ROOT / "release/make_release.py"), "--output", str(output)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not any(tmp_path.glob("dist/.release-*/release")):
            time.sleep(0.01)
        process.terminate()
        assert "Traceback" not in process.communicate()[1]

    assert process.returncode == 1
    assert list(output.parent.iterdir()) == []
