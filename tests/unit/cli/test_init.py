"""``botlab init`` as an administrator runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from helpers.maas_dump import maas_machine

Captured = pytest.CaptureFixture[str]


def test_site_file_is_named_after_the_site(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the next command. An existing file is not replaced."""
    monkeypatch.chdir(tmp_path)

    assert main(["init", "my-lab"]) == 0
    assert capsys.readouterr().out == (
        "my-lab.yaml: written; edit it, then run: botlab validate my-lab.yaml\n"
    )
    text = (tmp_path / "my-lab.yaml").read_text("utf-8")
    site = yaml.safe_load(text)
    assert (site["site"], site["juju"]) == ("my-lab", "3.6")

    assert main(["init", "my-lab", "--juju", "3.6"]) == 2
    assert capsys.readouterr().err == (
        "botlab: my-lab.yaml: already exists; name another file with --output, or remove it\n"
    )
    assert (tmp_path / "my-lab.yaml").read_text("utf-8") == text


def test_next_command_can_be_copied_into_a_shell(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "my lab.yaml"

    assert main(["init", "lab", "--juju", "4.0", "--output", str(path)]) == 0
    assert capsys.readouterr().out == (
        f"{path}: written; edit it, then run: botlab validate '{path}'\n"
    )
    assert yaml.safe_load(path.read_text("utf-8"))["juju"] == "4.0"


def test_dash_prints_the_site_file_alone(capsys: Captured) -> None:
    assert main(["init", "lab", "-o", "-"]) == 0

    captured = capsys.readouterr()
    assert yaml.safe_load(captured.out)["site"] == "lab"
    assert captured.err == ""


@pytest.mark.parametrize("name", ["a", "9", "a-b", "a" * 63])
def test_name_of_a_site_has_letters_digits_and_hyphens(name: str, capsys: Captured) -> None:
    assert main(["init", name, "-o", "-"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["site"] == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "Lab", "a_b", "a.b", "a" * 64, "ä", "a\n"])
def test_other_name_is_an_error(
    name: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)

    assert main(["init", "--", name]) == 2
    error = capsys.readouterr().err
    assert error.endswith("is not a valid site name; use lower-case letters, digits and hyphens\n")
    assert list(tmp_path.iterdir()) == []


def test_notes_about_machines_are_no_part_of_the_site_file(
    tmp_path: Path, capsys: Captured
) -> None:
    """They go to standard error, with the name of the dump."""
    dump = tmp_path / "machines.json"
    dump.write_text(json.dumps([maas_machine("a"), maas_machine("b", status_name="Broken")]))

    assert main(["init", "lab", "--maas", str(dump), "-o", "-"]) == 0

    captured = capsys.readouterr()
    assert list(yaml.safe_load(captured.out)["machines"]) == ["a"]
    notes = captured.err.splitlines()
    assert any("Broken" in note for note in notes)
    assert {note.startswith(f"{dump}: ") for note in notes} == {True}


def test_dump_without_a_usable_machine_is_an_error(tmp_path: Path, capsys: Captured) -> None:
    dump = tmp_path / "machines.json"
    dump.write_text(json.dumps([maas_machine("b", status_name="Broken")]))

    assert main(["init", "lab", "--maas", str(dump), "-o", "-"]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"botlab: {dump}: no machine can be used: ")
