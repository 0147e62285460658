"""The packed charms: their bytes, their content, and what Juju and charmcraft require."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import pack
import reference
from helpers.archives import archive_in, host_architecture
from helpers.interpreters import find_python, missing

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "charms/packing/pack.py"
CHARMS = sorted(path.parent.name for path in ROOT.glob("charms/*/charmcraft.yaml"))
PLATFORMS = ("bionic-focal", "jammy-noble")
ARCHITECTURES = ("amd64", "arm64")


@pytest.mark.parametrize("python", ["3.8", "3.13"])
def test_archive_bytes_depend_only_on_the_content(
    archives: Path, tmp_path: Path, python: str
) -> None:
    """Another Python, another directory and another time give the same bytes."""
    program = find_python(python)
    if not program:
        pytest.skip(missing(python))
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "charms", copy / "charms")
    for path in copy.rglob("*"):
        path.touch()
    command = [program, str(copy / "charms/packing/pack.py"), "--output", str(tmp_path / "out")]
    command += ["--architecture", host_architecture()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    names = [f"{charm}_{platform}" for charm in CHARMS for platform in PLATFORMS]
    packed = sorted(archives.iterdir())
    assert [path.name for path in packed] == [
        f"{name}_{host_architecture()}.charm" for name in names
    ]
    for archive in packed:
        assert (tmp_path / "out" / archive.name).read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("charm", CHARMS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_archive_has_the_files_and_metadata_of_its_platform(
    archives: Path, charm: str, platform: str
) -> None:
    """Only the old one has `series`, only the new one `assumes`; both manifests have bases."""
    with zipfile.ZipFile(archive_in(archives, charm, platform)) as archive:
        names = set(archive.namelist())
        metadata = yaml.safe_load(archive.read("metadata.yaml"))
        manifest = yaml.safe_load(archive.read("manifest.yaml"))
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}

    old = platform == "bionic-focal"
    assert ("series" in metadata, "assumes" in metadata) == (old, not old)
    channels = {base["channel"] for base in manifest["bases"]}
    assert channels == ({"18.04", "20.04"} if old else {"22.04", "24.04", "26.04"})
    assert {tuple(base["architectures"]) for base in manifest["bases"]} == {(host_architecture(),)}
    executable = {name for name, mode in modes.items() if mode & 0o111}
    hooks = {"hooks/install", "hooks/start", "hooks/upgrade-charm"}
    assert executable == {"dispatch", "src/charm.py"} | hooks
    assert {"LICENSE", "README.md", "icon.svg", "config.yaml", "actions.yaml"} <= names
    assert not [name for name in names if re.search(r"\.(so|pyc)(\.|$)|__pycache__|/tests/", name)]


@pytest.mark.parametrize("charm", CHARMS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_archive_names_no_path_of_the_machine_that_packed_it(
    archives: Path, charm: str, platform: str
) -> None:
    with zipfile.ZipFile(archive_in(archives, charm, platform)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}

    own_paths = [str(ROOT).encode(), str(Path.home()).encode() + b"/.cache"]
    assert [
        name for name, text in contents.items() if any(path in text for path in own_paths)
    ] == []


@pytest.mark.parametrize(("nested", "starts"), [("", 1), ("1", 0)])
def test_hook_that_ops_runs_itself_does_not_start_ops_again(
    tmp_path: Path, nested: str, starts: int
) -> None:
    """Juju up to 2.7 runs the file; from 2.8 on, ops runs it after `dispatch`, for nothing."""
    for path, text in (
        ("hooks/install", pack.DISPATCH),
        ("src/charm.py", "#!/bin/sh\necho started >> starts\n"),
    ):
        file = tmp_path / path
        file.parent.mkdir()
        file.write_text(text)
        file.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "OPERATOR_DISPATCH": nested}
    subprocess.run([str(tmp_path / "hooks/install")], env=environment, cwd=tmp_path, check=True)

    record = tmp_path / "starts"
    assert (record.read_text() if record.exists() else "") == "started\n" * starts


@pytest.mark.parametrize(
    "options", [[], ["--architecture", "arm64"], ["--platform", PLATFORMS[1]]]
)
def test_packer_makes_one_archive_per_platform_and_architecture(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without options it makes all of them."""
    assert pack.main(["metallb", "--output", str(tmp_path), *options]) == 0

    names = [
        f"metallb_{platform}_{architecture}.charm"
        for platform in PLATFORMS
        if platform in options or "--platform" not in options
        for architecture in ARCHITECTURES
        if architecture in options or "--architecture" not in options
    ]
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / name) for name in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize("charm", CHARMS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_archives_of_both_architectures_differ_only_in_the_manifest(
    archives: Path, charm: str, platform: str, tmp_path: Path
) -> None:
    """Nothing in them is compiled, so one set of files runs on every machine."""
    with zipfile.ZipFile(archive_in(archives, charm, platform)) as archive:
        archive.extractall(tmp_path)
    manifests: list[bytes] = []
    files: list[pack.Files] = []
    for architecture in ARCHITECTURES:
        target = pack.Target(platform, architecture)
        packed = pack.archive_files(str(ROOT / "charms" / charm), target, str(tmp_path / "venv"))
        manifests.append(packed.pop("manifest.yaml")[0])
        files.append(packed)

    assert files[0] == files[1]
    assert [
        {tuple(base["architectures"]) for base in yaml.safe_load(text)["bases"]}
        for text in manifests
    ] == [{("amd64",)}, {("arm64",)}]
    compiled = [name for name, (content, _) in files[0].items() if content.startswith(b"\x7fELF")]
    assert compiled == []
    assert [name for name in files[0] if name.endswith("/WHEEL")] == []


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_sources_compile_on_the_old_archives_pythons(version: str, tmp_path: Path) -> None:
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    sources = [ROOT / "charms/shared/lib", *(ROOT / f"charms/{name}/src" for name in CHARMS)]
    for directory in sources:
        shutil.copytree(directory, tmp_path / directory.parent.name / directory.name)
    process = subprocess.run(
        [program, "-m", "compileall", "-q", str(tmp_path)], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout


def test_unknown_charm_is_refused_with_the_names_of_all(
    capfd: pytest.CaptureFixture[str],
) -> None:
    process = subprocess.run([sys.executable, str(PACK), "nvidia"], check=False)

    assert process.returncode == 2
    assert f"there is no charm nvidia; use {', '.join(CHARMS)}" in capfd.readouterr().err


@pytest.mark.parametrize("charm", CHARMS)
def test_reference_page_is_up_to_date(charm: str) -> None:
    """`python charms/packing/reference.py CHARM` makes the committed page."""
    assert (ROOT / f"docs/charms/{charm}.md").read_text(encoding="utf-8") == reference.page(charm)


@pytest.mark.parametrize("charm", CHARMS)
def test_reference_page_shows_defaults_unchanged(charm: str) -> None:
    """The case of letters matters: `-l` is not `-L`, and `delete` is not `Delete`."""
    page = (ROOT / f"docs/charms/{charm}.md").read_text(encoding="utf-8")
    text = (ROOT / f"charms/{charm}/charmcraft.yaml").read_text(encoding="utf-8")
    # This loader leaves every scalar as the text in the file.
    document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only texts
    entries = {
        f"### `{name}`\n\n{body['type'].capitalize()}; default {_shown(body.get('default'))}.\n"
        for name, body in document["config"]["options"].items()
    }
    entries |= {
        f"- `{name}` ({spec['type']}): {' '.join(spec['description'].split())}"
        f" Default `{spec['default']}`.\n"
        for action in document["actions"].values()
        for name, spec in action.get("params", {}).items()
        if "default" in spec
    }

    assert {text for text in entries if text not in page} == set()


def _shown(default: str | None) -> str:
    return f"`{default}`" if default else "empty"


def test_charm_without_own_requirements_uses_those_of_all_charms(tmp_path: Path) -> None:
    charm = tmp_path / "sample-charm"
    charm.mkdir()
    assert (pack.shared_packages(str(charm)), pack.requirements_suffix(str(charm))) == (
        ["labcharm"], "",
    )  # fmt: skip
    (charm / "shared").write_text("labcharm\nlabkube\n")
    assert pack.shared_packages(str(charm)) == ["labcharm", "labkube"]
    assert pack.requirements_suffix(str(charm)) == ""
    assert pack.requirements_suffix(str(ROOT / "charms/kubeflow-installer")) == "-kubeflow"


def test_charm_that_is_not_executable_is_refused(tmp_path: Path) -> None:
    """Juju could not run it."""
    charm, venv = tmp_path / "sample", tmp_path / "venv"
    for directory in (charm / "src", venv):
        directory.mkdir(parents=True)
    (charm / "charmcraft.yaml").write_text("type: charm\nname: sample\nassumes: [juju >= 2.9]\n")
    program = charm / "src/charm.py"
    program.write_text("#!/usr/bin/env python3\n")
    target = pack.Target("jammy-noble", "arm64")
    with pytest.raises(SystemExit, match="must be executable"):
        pack.archive_files(str(charm), target, str(venv))

    program.chmod(0o755)
    files = pack.archive_files(str(charm), target, str(venv))
    assert files["src/charm.py"] == (b"#!/usr/bin/env python3\n", True)
    assert files["metadata.yaml"][0] == b"name: sample\nassumes: [juju >= 2.9]\n"
