"""The archives: their bytes, their content, what Juju and charmcraft ask of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.interpreters import find_python, missing

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "charms/packing/pack.py"
CHARMS = sorted(path.parent.name for path in ROOT.glob("charms/*/metadata.yaml"))
PLATFORMS = ("bionic-focal", "jammy-noble")


@pytest.mark.parametrize("python", ["3.8", "3.13"])
def test_the_bytes_depend_on_the_content_alone(
    archives: Path, tmp_path: Path, python: str
) -> None:
    """Packed again by another Python, from another folder, at another time: the same bytes."""
    program = find_python(python)
    if not program:
        pytest.skip(missing(python))
    copy = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "charms", copy / "charms")
    for path in copy.rglob("*"):
        path.touch()
    command = [program, str(copy / "charms/packing/pack.py"), "--output", str(tmp_path / "out")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    for archive in sorted(archives.iterdir()):
        assert (tmp_path / "out" / archive.name).read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("charm", CHARMS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_archive_holds_what_juju_asks_for(archives: Path, charm: str, platform: str) -> None:
    """`series` in the old one alone, `assumes` in the new one alone, bases in both manifests."""
    with zipfile.ZipFile(archives / f"{charm}_{platform}.charm") as archive:
        names = set(archive.namelist())
        metadata = yaml.safe_load(archive.read("metadata.yaml"))
        manifest = yaml.safe_load(archive.read("manifest.yaml"))
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}

    old = platform == "bionic-focal"
    assert ("series" in metadata, "assumes" in metadata) == (old, not old)
    channels = {base["channel"] for base in manifest["bases"]}
    assert channels == ({"18.04", "20.04"} if old else {"22.04", "24.04", "26.04"})
    runs = {name for name, mode in modes.items() if mode & 0o111}
    hooks = {"hooks/install", "hooks/start", "hooks/upgrade-charm"}
    assert runs == {"dispatch", "src/charm.py"} | hooks
    assert {"LICENSE", "README.md", "icon.svg", "config.yaml", "actions.yaml"} <= names
    assert not [name for name in names if re.search(r"\.(so|pyc)(\.|$)|__pycache__", name)]


@pytest.mark.parametrize("charm", CHARMS)
def test_tree_names_no_age(charm: str) -> None:
    """What differs by age is the packer's; in the tree it would be in both archives."""
    metadata = yaml.safe_load((ROOT / f"charms/{charm}/metadata.yaml").read_text("utf-8"))

    assert not {"series", "assumes", "min-juju-version"} & set(metadata)
    actions = yaml.safe_load((ROOT / f"charms/{charm}/actions.yaml").read_text("utf-8"))
    assert all(body["additionalProperties"] is False for body in actions.values())


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_sources_compile_on_old_pythons(version: str, tmp_path: Path) -> None:
    """The syntax of the oldest Python that the old archive runs on."""
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    folders = [ROOT / "charms/shared/lib", *(ROOT / f"charms/{name}/src" for name in CHARMS)]
    for folder in folders:
        shutil.copytree(folder, tmp_path / folder.parent.name / folder.name)
    done = subprocess.run(
        [program, "-m", "compileall", "-q", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("charm", CHARMS)
@pytest.mark.parametrize(("platform", "code"), [("bionic-focal", 3), ("jammy-noble", 0)])
def test_charmcraft_finds_nothing_but_the_series(
    archives: Path, charm: str, platform: str, code: int
) -> None:
    """`analyse` is clean for the new archive, and warns of `series` alone for the old one."""
    charmcraft = shutil.which("charmcraft")
    if charmcraft is None:
        pytest.skip("needs charmcraft (tox -e analyse installs it)")
    archive = archives / f"{charm}_{platform}.charm"
    done = subprocess.run(
        [charmcraft, "analyse", "--format", "json", str(archive)], capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    found = [line for line in (yaml.safe_load(done.stdout) or []) if line.get("result") in
             ("warning", "error")]  # fmt: skip
    assert len(found) == (1 if code else 0), found


def test_an_unknown_charm_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    """The charms that there are, are named too."""
    done = subprocess.run([sys.executable, str(PACK), "nvidia"], check=False)

    assert done.returncode == 2
    assert f"there is no charm nvidia; use {', '.join(CHARMS)}" in capfd.readouterr().err


@pytest.mark.parametrize("charm", CHARMS)
def test_reference_page_is_up_to_date(charm: str) -> None:
    """The committed page is what the charm's YAML gives."""
    from reference import page

    assert (ROOT / f"docs/charms/{charm}.md").read_text(encoding="utf-8") == page(charm)


@pytest.mark.parametrize("charm", CHARMS)
def test_reference_page_holds_the_defaults_to_the_letter(charm: str) -> None:
    """Upper case counts: `-l` is not `-L`, and an option's value that is not `Delete` blocks."""
    page = (ROOT / f"docs/charms/{charm}.md").read_text(encoding="utf-8")
    config, actions = (_literal_yaml(charm, part) for part in ("config", "actions"))
    wanted = {
        f"### `{name}`\n\n{body['type'].capitalize()}; default {_shown(body.get('default'))}.\n"
        for name, body in config["options"].items()
    }
    wanted |= {
        f"- `{name}` ({spec['type']}): {' '.join(spec['description'].split())}"
        f" Default `{spec['default']}`.\n"
        for action in actions.values()
        for name, spec in action.get("params", {}).items()
        if "default" in spec
    }

    assert {text for text in wanted if text not in page} == set()


def _literal_yaml(charm: str, part: str) -> dict[str, Any]:
    """Return a charm's YAML with every scalar as the text that it is written as."""
    text = (ROOT / f"charms/{charm}/{part}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts alone


def _shown(default: str | None) -> str:
    return f"`{default}`" if default else "empty"
