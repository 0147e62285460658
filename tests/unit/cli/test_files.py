"""The files that `botlab render` and `botlab init` write."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.files import write_marked_file
from botlab.errors import BotlabError
from helpers.rule_pages import example_site

Captured = pytest.CaptureFixture[str]


def render(directory: Path, output: Path, *options: str) -> int:
    """Render the example site to a file."""
    site = directory / "site.yaml"
    site.write_text(example_site(), encoding="utf-8")
    return main(["render", str(site), "-o", str(output), *options])


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o444, 0o664])
def test_replaced_file_and_its_copy_have_the_mode_of_the_old_file(
    permissions: int, tmp_path: Path
) -> None:
    """So that a private file never becomes readable for others."""
    output = tmp_path / "bundle.yaml"
    output.write_text("mine\n", encoding="utf-8")
    output.chmod(permissions)

    assert render(tmp_path, output, "--force") == 0

    assert [mode(output), mode(tmp_path / "bundle.yaml.orig")] == [permissions] * 2


def test_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    """As the umask of the process says."""
    mask = os.umask(0o027)
    try:
        assert render(tmp_path, tmp_path / "bundle.yaml") == 0
    finally:
        os.umask(mask)

    assert mode(tmp_path / "bundle.yaml") == 0o640


def test_copy_of_an_original_is_never_overwritten(tmp_path: Path, capsys: Captured) -> None:
    """Each further copy gets a number, and the command prints its name."""
    output = tmp_path / "bundle.yaml"
    for text in ("first\n", "second\n", "third\n"):
        output.write_text(text, encoding="utf-8")
        assert render(tmp_path, output, "--force") == 0

    copies = [tmp_path / f"bundle.yaml.orig{suffix}" for suffix in ("", ".1", ".2")]
    assert [copy.read_text("utf-8") for copy in copies] == ["first\n", "second\n", "third\n"]
    assert f"{copies[2]}: is the copy of the old file\n" in capsys.readouterr().out


def test_copy_does_not_follow_a_symbolic_link(tmp_path: Path) -> None:
    """A link with the name of the copy counts as an existing copy."""
    output, victim = tmp_path / "bundle.yaml", tmp_path / "victim"
    output.write_text("mine\n", encoding="utf-8")
    (tmp_path / "bundle.yaml.orig").symlink_to(victim)

    assert render(tmp_path, output, "--force") == 0

    assert not victim.exists()
    assert (tmp_path / "bundle.yaml.orig.1").read_text("utf-8") == "mine\n"


def test_file_that_is_not_utf_8_is_copied_byte_for_byte(tmp_path: Path) -> None:
    """As botlab did not write it, it is replaced only with --force."""
    output = tmp_path / "bundle.yaml"
    output.write_bytes(b"\xff\x00mine")

    assert render(tmp_path, output) == 2
    assert render(tmp_path, output, "--force") == 0

    assert (tmp_path / "bundle.yaml.orig").read_bytes() == b"\xff\x00mine"


@pytest.mark.parametrize("exists", [True, False])
def test_symbolic_link_stays_and_its_target_is_replaced(exists: bool, tmp_path: Path) -> None:
    """Also where the target does not exist yet."""
    shared = tmp_path / "shared"
    shared.mkdir()
    target, link = shared / "target.yaml", tmp_path / "link.yaml"
    link.symlink_to("middle")
    (tmp_path / "middle").symlink_to("shared/target.yaml")
    if exists:
        assert render(tmp_path, target) == 0
        target.chmod(0o600)
        inode = target.stat().st_ino
        assert write_marked_file(link, "new\n", force=False).changed
        assert target.read_text("utf-8") == "new\n"
        assert (mode(target), target.stat().st_ino != inode) == (0o600, True)
    else:
        assert render(tmp_path, link) == 0
    assert link.is_symlink()
    assert target.is_file()
    assert sorted(path.name for path in shared.iterdir()) == ["target.yaml"]


def identity(path: Path) -> tuple[int, int, int]:
    """Return what stays the same of a file that is only read."""
    status = path.lstat()
    return status.st_ino, status.st_mode, status.st_mtime_ns


@pytest.mark.parametrize("kind", ["fifo", "device", "directory", "loop", "link to a device"])
def test_output_that_is_not_a_regular_file_is_refused(
    kind: str, tmp_path: Path, capsys: Captured
) -> None:
    """Nothing waits for the reader of a pipe, and no device is replaced by a file."""
    output = tmp_path / "bundle.yaml"
    if kind == "fifo":
        os.mkfifo(output)
    elif kind == "device":
        output = Path("/dev/full")
    elif kind == "directory":
        output.mkdir()
    else:
        output.symlink_to(output if kind == "loop" else "/dev/null")

    before = identity(output)
    assert render(tmp_path, output, "--force") == 2

    assert identity(output) == before
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"botlab: {output}: ")


@pytest.mark.parametrize("name", ["n" * 255, "n" * 250])
def test_name_as_long_as_names_may_be_can_be_written(name: str, tmp_path: Path) -> None:
    """The temporary file has a short name. A copy with a longer name is refused."""
    output = tmp_path / name

    assert render(tmp_path, output) == 0
    output.write_text("mine\n", encoding="utf-8")
    status = render(tmp_path, output, "--force")

    assert status == (2 if len(name) == 255 else 0)
    assert output.read_text("utf-8").startswith("mine" if status else "# botlab")


def test_init_writes_no_file_through_a_symbolic_link(tmp_path: Path, capsys: Captured) -> None:
    """Whether the target of the link exists or not."""
    link, target = tmp_path / "lab.yaml", tmp_path / "target"
    link.symlink_to(target)

    assert main(["init", "lab", "-o", str(link)]) == 2

    assert not target.exists()
    assert "already exists" in capsys.readouterr().err


def test_failed_replacement_leaves_the_old_file_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a device that is full."""
    output = tmp_path / "bundle.yaml"
    output.write_text("mine\n", encoding="utf-8")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(BotlabError, match="No space left on device"):
        write_marked_file(output, "new\n", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.yaml"]
    assert output.read_text("utf-8") == "mine\n"


def test_text_that_utf_8_does_not_have_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(BotlabError, match="UTF-8 has no character"):
        write_marked_file(tmp_path / "bundle.yaml", "\ud800", force=False)
    assert list(tmp_path.iterdir()) == []


def test_path_that_is_not_utf_8_is_refused_where_the_bundle_would_contain_it(
    tmp_path: Path, capsys: Captured
) -> None:
    """A bundle beside its site does not name the directory."""
    home = tmp_path / os.fsdecode(b"s\xff")
    home.mkdir()
    (home / "site.yaml").write_text(
        f"{example_site()}metallb: {{pools: {{default: {{addresses: [10.0.0.240/28]}}}}}}\n",
        encoding="utf-8",
    )

    assert main(["render", str(home / "site.yaml")]) == 0
    assert main(["render", str(home / "site.yaml"), "-o", str(tmp_path / "bundle.yaml")]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("botlab: s\\udcff/charms/metallb")
    assert line.endswith(": is not UTF-8; rename the directory")
