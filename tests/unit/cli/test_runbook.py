"""The command `botlab runbook`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from botlab.cli import main

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a copy of the site file of the guide's lab."""
    return Path(shutil.copy(EXAMPLES / "botlab/site.yaml", tmp_path))


@pytest.mark.parametrize("example", ["botlab", "modern"])
def test_runbook_of_an_example_is_current(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """To write it again: botlab runbook examples/NAME/site.yaml."""
    assert main(["runbook", str(EXAMPLES / example / "site.yaml"), "-o", "-"]) == 0

    written = capsys.readouterr().out
    assert written == (EXAMPLES / example / "RUNBOOK.md").read_text(encoding="utf-8")


def test_runbook_is_written_beside_the_site(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runbook", str(site)]) == 0
    assert main(["runbook", str(site)]) == 0

    file = site.with_name("RUNBOOK.md")
    assert capsys.readouterr().out == f"{file}: written\n{file}: unchanged\n"
    assert file.read_text() == (EXAMPLES / "botlab/RUNBOOK.md").read_text()


def test_runbook_does_not_depend_on_the_current_directory(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its commands are for the directory of the site file, and so are the names of the layers."""
    layer = site.with_name("layer.yaml")
    layer.write_text("description: another lab\n")
    texts = []
    for directory, name in ((site.parent, ""), (site.parents[1], f"{site.parent.name}/")):
        monkeypatch.chdir(directory)
        arguments = [f"{name}site.yaml", "--layer", f"{name}layer.yaml", "--juju", "2.9"]
        assert main(["runbook", *arguments, "-o", "-"]) == 0
        texts.append(capsys.readouterr().out)

    assert texts[0] == texts[1]
    assert "\nbotlab validate site.yaml --layer layer.yaml --juju 2.9\n" in texts[0]
    assert "another lab" in texts[0]


def test_name_like_an_option_is_written_as_a_path(
    tmp_path: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = site.rename(tmp_path / "--help.yaml")
    assert main(["runbook", str(named), "-o", "-"]) == 0
    assert "\nbotlab validate ./--help.yaml\n" in capsys.readouterr().out


def test_edited_runbook_is_kept(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = site.with_name("RUNBOOK.md")
    assert main(["runbook", str(site)]) == 0
    edited = file.read_text() + "Call Ada before you upgrade.\n"
    file.write_text(edited)
    assert main(["runbook", str(site)]) == 2
    assert "was edited after botlab wrote it" in capsys.readouterr().err
    assert file.read_text() == edited
    assert main(["runbook", str(site), "--force"]) == 0
    assert site.with_name("RUNBOOK.md.orig").read_text() == edited


def test_old_runbook_of_a_changed_site_is_replaced(site: Path) -> None:
    file = site.with_name("RUNBOOK.md")
    assert main(["runbook", str(site)]) == 0
    site.write_text(site.read_text().replace("The guide's lab", "Our lab"))
    assert main(["runbook", str(site)]) == 0
    assert "Our lab" in file.read_text()
    assert not file.with_name("RUNBOOK.md.orig").exists()


def test_site_with_errors_gets_no_runbook(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.write_text(site.read_text().replace("server: node0", "server: node9"))
    assert main(["runbook", str(site)]) == 1

    errors = capsys.readouterr().err
    assert "node9" in errors
    assert errors.endswith("no runbook was written\n")
    assert not site.with_name("RUNBOOK.md").exists()


def test_bundle_has_no_runbook(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = EXAMPLES / "botlab/bundle.yaml"
    assert main(["runbook", str(bundle), "--juju", "2.6"]) == 2
    assert "is a bundle; runbook needs a site file" in capsys.readouterr().err


def test_site_file_is_not_overwritten(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.read_text()
    assert main(["runbook", str(site), "-o", str(site), "--force"]) == 2
    assert "is read by this command" in capsys.readouterr().err
    assert site.read_text() == before


def test_commands_name_the_directory_of_own_profiles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the option or of the environment, from the directory of the site file."""
    site, profiles = (str(EXAMPLES / "own-profile" / name) for name in ("lab.yaml", "profiles"))
    assert main(["runbook", site, "--profiles", profiles, "-o", "-"]) == 0
    written = capsys.readouterr().out
    monkeypatch.setenv("BOTLAB_PROFILES", profiles)
    assert main(["runbook", site, "-o", "-"]) == 0

    assert "\nbotlab validate lab.yaml --profiles profiles\n" in written
    assert capsys.readouterr().out == written
