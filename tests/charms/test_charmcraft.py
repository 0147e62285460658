"""The charms' charmcraft.yaml: one source for charmcraft, for the packer and for Juju."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import pack
import project
import stage
from helpers.archives import archive_in
from helpers.charm_projects import CHARMS, read_charmcraft

NAMES = pack.charm_names()
ARCHITECTURES = ("amd64", "arm64")
PARSED_ELSEWHERE = ("type", "platforms", "parts", "config", "actions", "title", "links", "assumes")
SAMPLE = """\
# A comment of the file.
type: charm
name: sample
title: A sample
description: |
  One line.

  title: not a key
links:
  documentation: https://docs.example
  website: https://web.example
  contact: The authors
# A comment of a section.
assumes:
- juju >= 2.9
config:
  options:
    # A comment of an option.
    text:
      type: string
      description: |
        One line.

        Another one.
platforms: {amd64: }
"""
METADATA = """\
name: sample
display-name: A sample
description: |
  One line.

  title: not a key
docs: https://docs.example
website: https://web.example
maintainers: [The authors]
"""
CONFIG = """\
options:
  # A comment of an option.
  text:
    type: string
    description: |
      One line.

      Another one.
"""


def juju_files(charm: str, series: str = "") -> dict[str, Any]:
    """Return the parsed files that the packer writes for a charm."""
    texts = project.juju_files(project.read_project(str(CHARMS / charm)), series=series)
    return {name: yaml.safe_load(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("series", "last"),
    [("", "assumes:\n- juju >= 2.9\n"), ("bionic, focal", "series: [bionic, focal]\n")],
)
def test_text_below_the_keys_keeps_its_form(tmp_path: Path, series: str, last: str) -> None:
    """A charm without actions has no actions.yaml."""
    (tmp_path / "charmcraft.yaml").write_text(SAMPLE)

    files = project.juju_files(project.read_project(str(tmp_path)), series=series)

    assert files == {"metadata.yaml": METADATA + last, "config.yaml": CONFIG}


@pytest.mark.parametrize("charm", NAMES)
@pytest.mark.parametrize("series", ["", "bionic, focal"])
def test_packer_and_a_yaml_parser_read_the_same(charm: str, series: str) -> None:
    """The packer divides the text, because it needs nothing but the standard library."""
    document, files = read_charmcraft(charm), juju_files(charm, series)
    links = document["links"]
    metadata = {key: body for key, body in document.items() if key not in PARSED_ELSEWHERE}
    metadata |= {"display-name": document["title"], "maintainers": [links["contact"]]}
    metadata["website"] = links["website"]
    platform = {"series": ["bionic", "focal"]} if series else {"assumes": ["juju >= 2.9"]}

    assert files == {
        "metadata.yaml": metadata | platform,
        "config.yaml": document["config"],
        "actions.yaml": document["actions"],
    }


@pytest.mark.parametrize("charm", NAMES)
def test_charmcraft_yaml_is_the_only_file_of_metadata(charm: str) -> None:
    separate = {"metadata.yaml", "config.yaml", "actions.yaml"}
    assert separate & {path.name for path in (CHARMS / charm).iterdir()} == set()
    # The packer adds these, for one platform each.
    assert not {"series", "min-juju-version"} & set(read_charmcraft(charm))


@pytest.mark.parametrize("charm", NAMES)
def test_every_endpoint_says_whether_it_is_optional(charm: str) -> None:
    """Only a subordinate needs a relation: the one to its principal."""
    document = read_charmcraft(charm)
    endpoints = {
        name: body["optional"]
        for role in ("provides", "requires", "peers")
        for name, body in document.get(role, {}).items()
    }

    needed = {"juju-info"} if document.get("subordinate") else set[str]()
    assert {name for name, optional in endpoints.items() if not optional} == needed


@pytest.mark.parametrize("charm", NAMES)
def test_actions_refuse_unknown_parameters(charm: str) -> None:
    actions = read_charmcraft(charm)["actions"]
    assert all(body["additionalProperties"] is False for body in actions.values())


@pytest.mark.parametrize("charm", NAMES)
def test_charmcraft_builds_every_release_for_both_architectures_on_either(charm: str) -> None:
    """Nothing is compiled, so a machine of one architecture also builds for the other."""
    releases = [base for platform in pack.PLATFORMS.values() for base in platform.bases]

    assert read_charmcraft(charm)["platforms"] == {
        f"ubuntu-{release}-{architecture}": {
            "build-on": [f"ubuntu@{release}:{builder}" for builder in ARCHITECTURES],
            "build-for": [f"ubuntu@{release}:{architecture}"],
        }
        for release in releases
        for architecture in ARCHITECTURES
    }


def test_parts_are_the_same_in_all_charms() -> None:
    """A correction of one is a correction of all."""
    parts = [read_charmcraft(charm)["parts"] for charm in NAMES]
    assert [part for part in parts if part != parts[0]] == []


def run_part(directory: Path, release: str) -> subprocess.CompletedProcess[str]:
    """Run the build script of a charm's part, as charmcraft does, on an Ubuntu release.

    Args:
        directory: The charm's directory. The part's files come into its directory `install`.
        release: The version of the Ubuntu release.
    """
    script = yaml.safe_load((directory / "charmcraft.yaml").read_text())["parts"]["charm"]
    os_release = directory / "os-release"
    os_release.write_text(f'NAME="Ubuntu"\nVERSION_ID="{release}"\n')
    text = script["override-build"].replace("/etc/os-release", str(os_release))
    environment = {"PATH": os.environ["PATH"], "CRAFT_PART_INSTALL": str(directory / "install")}
    (directory / "install").mkdir()
    return subprocess.run(
        ["/bin/sh", "-c", text], cwd=directory, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """Return a copy of a charm's project, whose staged directories name their platforms."""
    shutil.copy(CHARMS / NAMES[0] / "charmcraft.yaml", tmp_path)
    for platform in pack.PLATFORMS:
        hooks = tmp_path / stage.STAGED / platform / "hooks"
        hooks.mkdir(parents=True)
        (hooks / "start").write_text(platform)
        (hooks / "start").chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "release"),
    [(name, base) for name, platform in pack.PLATFORMS.items() for base in platform.bases],
)
def test_part_takes_the_staged_files_of_the_release(
    staged: Path, platform: str, release: str
) -> None:
    process = run_part(staged, release)

    hook = staged / "install/hooks/start"
    assert (process.stderr, hook.read_text()) == ("", platform)
    assert os.access(hook, os.X_OK)


def test_part_without_staged_files_names_the_command(staged: Path) -> None:
    shutil.rmtree(staged / stage.STAGED)

    process = run_part(staged, "24.04")

    message = "staged/jammy-noble is missing; run 'make stage' in the project's directory first\n"
    assert (process.returncode, process.stderr) == (1, message)


@pytest.mark.parametrize("platform", pack.PLATFORMS)
def test_staged_files_are_those_of_the_archive(
    archives: Path, platform: str, tmp_path: Path
) -> None:
    """Charmcraft writes the others. What was staged before is replaced."""
    shutil.copytree(CHARMS / "metallb", tmp_path / "metallb", ignore=lambda *_: [stage.STAGED])
    with zipfile.ZipFile(archive_in(archives, "metallb", platform)) as archive:
        archive.extractall(tmp_path / "archive")
        executable = {
            entry.filename for entry in archive.infolist() if entry.external_attr >> 16 & 0o100
        }
    old_file = tmp_path / "metallb" / stage.STAGED / platform / "src/old.py"
    old_file.parent.mkdir(parents=True)
    old_file.touch()

    directory = Path(
        stage.stage(str(tmp_path / "metallb"), platform, str(tmp_path / "archive/venv"))
    )

    files = {str(path.relative_to(directory)): path for path in directory.rglob("*")}
    files = {name: path for name, path in files.items() if path.is_file()}
    packed = {
        str(path.relative_to(tmp_path / "archive")): path.read_bytes()
        for path in (tmp_path / "archive").rglob("*")
        if path.is_file() and path.name not in stage.OF_CHARMCRAFT
    }
    assert {name: path.read_bytes() for name, path in files.items()} == packed
    assert {name for name, path in files.items() if os.access(path, os.X_OK)} == executable


# Run in a process of its own, because charmcraft's imports give warnings.
_CHARMCRAFT = """
import json, pathlib, sys, yaml
from charmcraft.models.metadata import CharmMetadata
from charmcraft.models.project import PlatformCharm

def juju_files(path):
    project = PlatformCharm.unmarshal(yaml.safe_load(pathlib.Path(path).read_text()))
    metadata = CharmMetadata.from_charm(project).marshal()
    return {
        "metadata.yaml": metadata, "config.yaml": project.config, "actions.yaml": project.actions
    }

print(json.dumps([juju_files(path) for path in sys.argv[1:]]))
"""


@pytest.fixture(scope="session")
def charmcraft() -> str:
    """Return the path of charmcraft's command."""
    program = shutil.which("charmcraft")
    if program is None:
        pytest.skip("needs charmcraft (tox -e analyse installs it)")
    return program


@pytest.mark.usefixtures("charmcraft")
def test_charmcraft_writes_the_files_that_the_packer_writes() -> None:
    """Its models accept charmcraft.yaml, and what it writes for Juju has the same content."""
    paths = [str(CHARMS / charm / "charmcraft.yaml") for charm in NAMES]
    process = subprocess.run(
        [sys.executable, "-c", _CHARMCRAFT, *paths], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == [juju_files(charm) for charm in NAMES]


@pytest.mark.parametrize("charm", NAMES)
def test_charmcraft_expands_the_project(charmcraft: str, charm: str, tmp_path: Path) -> None:
    """This reads and validates the file as `charmcraft pack` does before it builds."""
    shutil.copy(CHARMS / charm / "charmcraft.yaml", tmp_path)
    process = subprocess.run(
        [charmcraft, "expand-extensions"], cwd=tmp_path, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stderr
    assert yaml.safe_load(process.stdout)["platforms"] == read_charmcraft(charm)["platforms"]


@pytest.mark.parametrize("charm", NAMES)
@pytest.mark.parametrize(("platform", "code"), [("bionic-focal", 3), ("jammy-noble", 0)])
def test_charmcraft_warns_only_about_series(
    archives: Path, charmcraft: str, charm: str, platform: str, code: int
) -> None:
    """`analyse` reports nothing for the new archive, and only `series` for the old one."""
    archive = archive_in(archives, charm, platform)
    process = subprocess.run(
        [charmcraft, "analyse", "--format", "json", str(archive)], capture_output=True, text=True
    )
    assert process.returncode == code, process.stderr
    findings = [
        line
        for line in yaml.safe_load(process.stdout) or []
        if line.get("result") in ("warning", "error")
    ]
    assert len(findings) == (1 if code else 0), findings
