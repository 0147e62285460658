"""The archives of this project's charms, written to a directory of the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.catalogue.own_archives import pack_charms, write_archives
from botlab.cli import main
from botlab.errors import BotlabError
from helpers.archives import archive_in, host_architecture

NAMES = ["metallb_jammy-noble_amd64.charm", "metallb_jammy-noble_arm64.charm"]


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """Return a directory of archives as the wheel has it."""
    directory = tmp_path / "packaged"
    directory.mkdir()
    for name in (*NAMES, "note.txt"):
        (directory / name).write_text(name)
    return directory


def never(directory: Path) -> None:
    """Pack nothing; a wheel has all archives."""
    raise AssertionError(directory)


def fill(directory: Path) -> None:
    """Pack one archive."""
    (directory / NAMES[0]).write_text("packed")


@pytest.mark.parametrize(
    ("architectures", "names"), [(("amd64", "arm64"), NAMES), (("arm64",), NAMES[1:])]
)
def test_archives_of_the_wheel_are_written(
    packaged: Path, tmp_path: Path, architectures: tuple[str, ...], names: list[str]
) -> None:
    """The directory is made. An old archive is replaced; a symbolic link stays."""
    target = tmp_path / "lab/charms"
    target.mkdir(parents=True)
    (target / "kept").write_text("old")
    (target / NAMES[1]).symlink_to("kept")

    written = write_archives(target, architectures, packaged=packaged, pack=never)

    assert written == [target / name for name in names]
    assert [path.read_text() for path in written] == names
    assert (target / NAMES[1]).is_symlink()
    assert sorted(path.name for path in target.iterdir()) == sorted({"kept", NAMES[1], *names})


def test_checkout_packs_them(tmp_path: Path) -> None:
    written = write_archives(tmp_path / "charms", packaged=tmp_path / "none", pack=fill)

    assert [path.read_text() for path in written] == ["packed"]


def test_directory_that_cannot_be_made_is_reported(packaged: Path, tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("")

    with pytest.raises(BotlabError) as raised:
        write_archives(target, packaged=packaged, pack=never)

    assert str(raised.value) == f"{target}: cannot be written: File exists"


def test_nothing_is_written_beside_what_cannot_be_replaced(packaged: Path, tmp_path: Path) -> None:
    target = tmp_path / "charms"
    (target / NAMES[1]).mkdir(parents=True)

    with pytest.raises(BotlabError, match=rf"{NAMES[1]}: is not a regular file"):
        write_archives(target, packaged=packaged, pack=never)

    assert [path.name for path in target.iterdir()] == [NAMES[1]]


def test_failure_of_the_packer_is_one_message(tmp_path: Path) -> None:
    """Python's last line names the file, or pip's names the package."""
    with pytest.raises(BotlabError) as raised:
        pack_charms(tmp_path, tmp_path)

    assert str(raised.value).startswith("the charms cannot be packed: ")
    assert str(tmp_path / "packing/pack.py") in str(raised.value)


def test_file_in_place_of_the_directory_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.yaml"
    file.touch()

    assert main(["charms", str(file)]) == 2

    message = f"botlab: {file}: is not a directory; name one for the archives\n"
    assert capsys.readouterr().err == message


def test_command_prints_the_archives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In this checkout, it packs them."""
    target = tmp_path / "charms"
    architecture = host_architecture()

    assert main(["charms", str(target), "--arch", architecture]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed == sorted(str(path) for path in target.iterdir())
    assert str(archive_in(target, "metallb", "jammy-noble")) in printed
    assert len(printed) == 8
