"""The command `botlab kit`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.kit.layout import SCRIPT
from botlab.kit.tar_format import header, trailer
from helpers.file_server import Server
from helpers.kits import EXAMPLE, ROOT, Downloads, kit_items, repack, unpack

SITE = str(EXAMPLE)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """A directory that has a file for each item of the air-gapped example."""
    items = kit_items(EXAMPLE, tmp_path_factory.mktemp("items"))
    return Downloads(tmp_path_factory.mktemp("downloads"), items)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command, and return its exit status and what it printed."""
    status = main(["kit", *arguments])
    output = capsys.readouterr()
    return status, output.out, output.err


@pytest.fixture
def kit(downloads: Downloads, tmp_path: Path) -> Path:
    return downloads.make_kit(EXAMPLE, tmp_path / "lab.tar")


def test_kit_is_written_and_checked(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    path = str(tmp_path / "lab.tar")
    status, out, err = run(capsys, SITE, "-o", path, "--from", str(downloads.directory))
    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith(f"{path}: written; 116 files, ")
    assert [file.name for file in tmp_path.iterdir()] == ["lab.tar"]
    assert run(capsys, "check", path) == (0, f"{path}: 116 files are as they were written\n", "")


def test_site_with_an_own_profile_is_read_with_its_directory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by all commands, with the option or the variable."""
    home = ROOT / "examples/own-profile"
    site, profiles = str(home / "lab.yaml"), str(home / "profiles")

    status, _, err = run(capsys, "list", site)
    assert (status, "there is no profile 'lab-k8s'" in err) == (1, True)
    status, out, _ = run(capsys, "list", site, "--profiles", profiles)
    assert (status, "kubernetes-worker 1.35/candidate" in out) == (0, True)
    monkeypatch.setenv("BOTLAB_PROFILES", profiles)
    assert run(capsys, "list", site)[:2] == (0, out)


def test_missing_items_are_all_listed_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, err = run(capsys, SITE, "-o", str(tmp_path / "lab.tar"))
    lines = err.splitlines()
    assert (status, out) == (1, "")
    assert lines[0] == f"{SITE}: no kit was written:"
    assert "  resource kubelet of kubernetes-worker: snap download kubelet" in err
    assert "  charm etcd: copy the file from a lab that has it" in err
    assert "  image k8s.gcr.io/pause:3.1: skopeo" in err
    assert "  snap core latest/stable: snap download core" in err
    assert "docker.io for" not in err
    assert len(lines) == 1 + 112
    assert list(tmp_path.iterdir()) == []


def test_outcome_is_printed_as_json(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    path = str(tmp_path / "lab.tar")
    status, out, err = run(capsys, SITE, "-o", path, "--format", "json")
    report = json.loads(out)
    assert (status, err, report["ok"], sorted(report)) == (1, "", False, ["ok", "problems"])
    assert len(report["problems"]) == 112
    source = ("--from", str(downloads.directory))
    status, out, err = run(capsys, SITE, "-o", path, "--format", "json", *source)
    assert (status, err) == (0, "")
    assert json.loads(out) == {"kit": path, "ok": True, "problems": [], "missing": []}


def test_partial_kit_lists_what_is_missing(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    path = str(tmp_path / "lab.tar")
    (downloads.directory / "snaps/core.snap").rename(tmp_path / "core.snap")
    try:
        arguments = (SITE, "-o", path, "--from", str(downloads.directory), "--partial")
        status, out, err = run(capsys, *arguments)
    finally:
        (tmp_path / "core.snap").rename(downloads.directory / "snaps/core.snap")
    assert status == 0
    assert err.splitlines()[0] == "1 item missing:"
    assert err.splitlines()[1].startswith("  snap core latest/stable: snap download core")
    status, out, _ = run(capsys, "check", path)
    assert status == 0
    assert out.endswith(f"; 1 item of the lab not in it (`botlab kit list {path}` shows them)\n")
    status, out, _ = run(capsys, "list", path)
    assert "  [missing] core latest/stable\n      snap download core" in out
    assert out.endswith("1 file missing\n")
    guide = (unpack(Path(path), tmp_path / "unpacked") / "INSTALL.md").read_text()
    assert "## 2. Add what is missing" in guide
    assert "- snap core latest/stable (`snaps/core.snap`): `snap download core" in guide


def test_missing_items_can_be_added_to_an_unpacked_kit(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    """As INSTALL.md asks for: the check accepts them, and the script loads the images."""
    paths = ("snaps/core.snap", "images/k8s.gcr.io+pause=3.1.tar")
    source = tmp_path / "source"
    shutil.copytree(downloads.directory, source)
    contents = {path: (source / path).read_bytes() for path in paths}
    for path in paths:
        (source / path).unlink()
    kit = tmp_path / "lab.tar"
    assert run(capsys, SITE, "-o", str(kit), "--from", str(source), "--partial")[0] == 0
    top = unpack(kit, tmp_path / "unpacked")
    assert "\nmkdir -p images snaps\n" in (top / "INSTALL.md").read_text()
    assert "load oci-archive:images/k8s.gcr.io+pause=3.1.tar " in (top / SCRIPT).read_text()
    for path, content in contents.items():
        (top / path).parent.mkdir(exist_ok=True)
        (top / path).write_bytes(content)

    note = "2 missing items added later, which cannot be checked"
    assert run(capsys, "check", str(top)) == (
        0, f"{top}: 114 files are as they were written; {note}\n", "",
    )  # fmt: skip
    report = json.loads(run(capsys, "check", str(top), "--format", "json")[1])
    assert (report["ok"], report["problems"], report["missing"]) == (True, [], [])
    assert run(capsys, "list", str(top))[1].endswith("0 files missing\n")
    (top / paths[0]).unlink()
    _, listed, _ = run(capsys, "list", str(top))
    assert "  [missing] core latest/stable\n" in listed
    assert listed.endswith("1 file missing\n")


def test_wrong_files_are_all_reported_also_for_a_partial_kit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "files"
    (source / "charms").mkdir(parents=True)
    (source / "snaps").mkdir()
    (source / "charms/etcd.charm").write_bytes(b"<html>")
    (source / "snaps/core.snap").write_bytes(b"<html>")
    output = tmp_path / "lab.tar"
    arguments = (SITE, "-o", str(output), "--from", str(source), "--partial")
    status, _, err = run(capsys, *arguments)
    assert status == 1
    assert f"  charm etcd: {source}/charms/etcd.charm cannot be used: " in err
    assert f"  snap core latest/stable: {source}/snaps/core.snap is not a snap" in err
    assert len(err.splitlines()) == 3
    assert not output.exists()


def test_existing_kit_is_kept_until_the_new_one_is_complete(
    capsys: pytest.CaptureFixture[str], kit: Path
) -> None:
    old = kit.read_bytes()
    assert run(capsys, SITE, "-o", str(kit))[0] == 1
    assert kit.read_bytes() == old


@pytest.mark.parametrize("name", ["packages", "juju"])
def test_kit_is_not_written_among_its_packages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """The next kit would have this one in it."""
    directory = tmp_path / name / "more"
    directory.mkdir(parents=True)
    arguments = ("-o", str(directory / "x.tar"), "--from", str(tmp_path), "--partial")
    status, _, err = run(capsys, SITE, *arguments)
    assert status == 2
    assert f"x.tar: is in {tmp_path}/{name}, whose files all belong to the kit; write it" in err
    assert list(directory.iterdir()) == []


def test_other_files_are_not_replaced(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    """Also not a tar archive of something else."""
    for content in (b"", b"notes", header("notes.txt", 0, 0) + trailer(512)):
        path = tmp_path / "file"
        path.write_bytes(content)
        arguments = ("-o", str(path), "--from", str(downloads.directory))
        status, out, err = run(capsys, SITE, *arguments)
        assert (status, out) == (2, "")
        assert f"{path}: is not a kit; name another file with --output, or remove it" in err
        assert path.read_bytes() == content


def test_kit_is_replaced_by_a_new_one(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, kit: Path
) -> None:
    old = kit.read_bytes()
    kit.write_bytes(old + b"\0" * 10240)
    assert run(capsys, SITE, "-o", str(kit), "--from", str(downloads.directory))[0] == 0
    assert kit.read_bytes() == old


def test_site_without_a_registry_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    site = EXAMPLE.parents[1] / "one-machine-2019/site.yaml"
    arguments = (str(site), "-o", str(tmp_path / "x.tar"), "--partial")
    status, _, err = run(capsys, *arguments)
    assert status == 1
    assert "  kubernetes.registry: the site names no registry" in err
    status, out, err = run(capsys, "list", str(site), "--format", "json")
    assert status == 0
    assert err.startswith("note: kubernetes.registry: the site names no registry")
    images = [entry for entry in json.loads(out)["items"] if entry["kind"] == "image"]
    assert {entry["target"] for entry in images} == {""}
    assert all(entry["get"].startswith("skopeo ") for entry in images)


def test_kit_comes_from_a_mirror(
    capsys: pytest.CaptureFixture[str], downloads: Downloads, tmp_path: Path
) -> None:
    with Server() as server:
        for item in downloads.items:
            if item.path:
                name = item.path.rpartition("/")[2].replace("=", "%3D").replace("+", "%2B")
                server.files[name] = (downloads.directory / item.path).read_bytes()
        path = tmp_path / "mirrored.tar"
        status, _, err = run(capsys, SITE, "-o", str(path), "--from", server.url)
    assert (status, err) == (0, "")
    local = downloads.make_kit(EXAMPLE, tmp_path / "local.tar")
    assert path.read_bytes() == local.read_bytes()


def test_damaged_kit_is_reported_in_text_and_json(
    capsys: pytest.CaptureFixture[str], kit: Path, tmp_path: Path
) -> None:
    top = unpack(kit, tmp_path / "unpacked")
    (top / "site.yaml").unlink()
    damaged = str(repack(top, tmp_path / "damaged.tar"))
    expected = f"{damaged}: site.yaml: is missing\n"
    assert run(capsys, "check", damaged) == (1, expected, "")
    status, out, _ = run(capsys, "check", damaged, "--format", "json")
    assert status == 1
    report = {"kit": damaged, "ok": False, "problems": ["site.yaml: is missing"], "missing": []}
    assert json.loads(out) == report


def test_items_of_a_site_and_of_its_kit_are_listed(
    capsys: pytest.CaptureFixture[str], kit: Path, downloads: Downloads
) -> None:
    status, out, _ = run(capsys, "list", SITE)
    assert status == 0
    headings = [line for line in out.splitlines() if line.endswith(":")][:-1]
    assert headings == [
        "Charms:", "Resources of charms:", "Container images:", "Snaps:", "Packages of Ubuntu:",
        "Services of the lab:",
    ]  # fmt: skip
    assert "  [of the lab] juju 2.9\n      snap download juju --channel=2.9/stable" in out
    assert out.splitlines()[-3:] == [
        "Run the commands in a directory for --from, and first:",
        "  mkdir -p charms images resources snaps",
        "122 items; 112 files missing",
    ]
    source = str(downloads.directory)
    _, from_site, _ = run(capsys, "list", SITE, "--from", source, "--format", "json")
    _, from_kit, _ = run(capsys, "list", str(kit), "--format", "json")
    assert json.loads(from_site) == json.loads(from_kit)
    first = json.loads(from_kit)["items"][0]
    assert sorted(first) == [
        "digest", "get", "included", "kind", "name", "path", "target", "version",
    ]  # fmt: skip
    assert (first["kind"], first["name"], first["included"]) == ("charm", "easyrsa", True)


def usage_errors() -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield wrong arguments with their messages."""
    yield (SITE,), "name the file of the kit with --output"
    yield ("check",), "botlab kit check: name the KIT"
    yield ("list",), "botlab kit list: name the SITE or KIT"
    yield (SITE, "x.tar"), "is neither check nor list, so x.tar is too much"
    yield ("check", "x.tar", "-o", "y"), "botlab kit check: writes nothing"
    yield (SITE, "-o", SITE), "is read by this command"
    yield (SITE, "-o", "/dev/null"), "is not a regular file"
    yield (SITE, "-o", "/proc/x.tar"), "/proc: cannot be written: No such file or directory"
    yield (SITE, "-o", "-"), "-: cannot be the kit; name a file with --output, such as lab.tar"
    yield (SITE, "-o", "/tmp"), "/tmp: cannot be the kit; name a file with --output"
    yield (SITE, "-o", "/nowhere/x.tar"), "/nowhere is not a directory"
    yield (SITE, "-o", "x.tar", "--from", "/nowhere"), "/nowhere: is not a directory"
    yield ("check", "/nowhere.tar"), "/nowhere.tar: cannot be read"
    yield ("list", "/nowhere.yaml"), "/nowhere.yaml: cannot be read"
    yield (SITE, "-o", "x.tar", "--images", "/nowhere"), "/nowhere: cannot be read"


@pytest.mark.parametrize(("arguments", "message"), list(usage_errors()))
def test_wrong_arguments_are_an_error(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_list_of_images_is_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    images = tmp_path / "images.txt"
    images.write_text("# comment\nbusybox:1.36  # for verify\n\n")
    _, out, _ = run(capsys, "list", SITE, "--images", str(images))
    assert (
        "docker.io/library/busybox:1.36 -> registry.lab.example:5000/library/busybox:1.36" in out
    )
    images.write_text("busybox 1.36\na:1\nhttps://quay.io/a\n")
    status, _, err = run(capsys, "list", SITE, "--images", str(images))
    assert status == 2
    assert err.count(str(images)) == 2
    assert "images.txt:1: 'busybox 1.36' is not the name of an image; " in err
    assert "images.txt:3: 'https://quay.io/a' is not the name of an image; write HOST/PATH" in err


@pytest.mark.parametrize("date", ["yesterday", "", "-1", "8589934592"])
def test_wrong_source_date_is_an_error(
    capsys: pytest.CaptureFixture[str],
    downloads: Downloads,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    date: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    path = tmp_path / "lab.tar"
    status, _, err = run(capsys, SITE, "-o", str(path), "--from", str(downloads.directory))
    assert status == 2
    assert f"SOURCE_DATE_EPOCH is {date!r}; write a number of seconds" in err
    assert not path.exists()
