"""What the commands print for hostile input, and for output that cannot be written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.rule_pages import example_site

ROOT = Path(__file__).resolve().parents[3]
Captured = pytest.CaptureFixture[str]

FORGED = "x\n/etc/ok.yaml: 0 errors"
HOSTILE = [
    f"\x1b]0;t\x07\x1b[31m{FORGED}",
    "a\u202egpj.b\u2066",
    "a\rb\x85c\u2028d\u2029e",
    "\x9b2Jnul\x7f\u200b",
]


def run_main(*arguments: str) -> int:
    """Run a command and return its exit status, also when the parser ends the program."""
    try:
        return main(arguments)
    except SystemExit as exit_error:
        return int(exit_error.code or 0)


def program(*arguments: str, script: str = '"$@"', **environment: str) -> tuple[int, str, str]:
    """Run the program in a shell that redirects its output; return status, output and errors."""
    command = ["sh", "-c", script, "sh", sys.executable, "-m", "botlab", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "generator"), **environment}
    process = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    return process.returncode, process.stdout, process.stderr


def assert_printable(text: str) -> None:
    """Check that a text has no unprintable character besides the ends of its lines."""
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    assert not re.search(r"^/etc/ok", text, re.MULTILINE)


@pytest.mark.parametrize("text", HOSTILE)
def test_key_of_a_site_file_cannot_write_to_the_terminal(
    text: str, tmp_path: Path, capsys: Captured
) -> None:
    """Escape sequences, line breaks and changes of direction are shown as escapes."""
    site = tmp_path / "site.yaml"
    site.write_text(f"{example_site()}{json.dumps(text)}: 1\n", encoding="utf-8")

    assert run_main("validate", str(site)) == 1

    output = capsys.readouterr().out
    assert_printable(output)
    assert ascii(text)[1:-1].replace("\\\\", "\\") in output.replace("\\u0085", "\\x85")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("command", ["validate", "plan", "diff"])
@pytest.mark.parametrize("juju", ["2.6", "2.9", "3.6", "4.0"])
def test_texts_of_a_bundle_cannot_write_to_the_terminal(
    juju: str, command: str, text: str, tmp_path: Path, capsys: Captured
) -> None:
    """Names, keys and values of all kinds, in findings, changes, differences and warnings."""
    application = {
        "charm": text, "num_units": 1, "options": {text: text}, "to": [text], text: text,
        "resources": {text: text}, "constraints": text, "annotations": {text: text},
    }  # fmt: skip
    hostile, plain = tmp_path / "bundle.yaml", tmp_path / "plain.yaml"
    bundle = {"applications": {"a": {"charm": "cs:etcd-1"}, text: application}, text: 1}
    hostile.write_text(json.dumps(bundle), encoding="utf-8")
    plain.write_text("applications: {a: {charm: 'cs:etcd-1'}}", encoding="utf-8")

    run_main(command, *([str(plain)] if command == "diff" else []), str(hostile), "--juju", juju)

    captured = capsys.readouterr()
    assert_printable(captured.out + captured.err)
    assert captured.out + captured.err != ""


def test_plan_and_differences_show_line_breaks_of_options_as_escapes(
    tmp_path: Path, capsys: Captured
) -> None:
    """Also where the bundle itself is valid."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    entry = json.dumps({"charm": "cs:etcd-1", "annotations": {FORGED: "\x1b[2J"}})
    old.write_text("series: bionic\napplications: {a: {charm: 'cs:etcd-1'}}", encoding="utf-8")
    new.write_text(f"series: bionic\napplications: {{a: {entry}}}", encoding="utf-8")

    assert run_main("diff", str(old), str(new), "--juju", "2.9") == 0
    assert run_main("plan", str(new), "--juju", "2.9") == 0

    output = capsys.readouterr().out
    assert_printable(output)
    assert r"\x1b[2J" in output


def test_lines_of_jujus_message_stay_lines(tmp_path: Path, capsys: Captured) -> None:
    """Only a line break inside of a name is shown as an escape."""
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(
        f"applications: {{{json.dumps(FORGED)}: {{charm: etcd, channel: stable, trust: true}},"
        " b: {charm: etcd, channel: stable, trust: true}}",
        encoding="utf-8",
    )

    assert run_main("plan", str(bundle), "--juju", "2.9") == 1

    errors = capsys.readouterr().err
    assert "\n      - b\n" in errors
    assert_printable(errors)


def test_error_message_shows_unprintable_characters_as_escapes(capsys: Captured) -> None:
    """For the name of a file, of a site and of an argument."""
    assert run_main("validate", f"\x1b[2J{FORGED}") == 2
    assert run_main("explain", f"\x1b[2J{FORGED}") == 2
    assert run_main("init", "x", f"--\x1b[2J{FORGED}") == 2

    assert_printable(capsys.readouterr().err)


def test_json_has_no_number_that_json_does_not_have(tmp_path: Path, capsys: Captured) -> None:
    """NaN and the infinities are written as YAML's words for them."""
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text(
        "series: bionic\napplications: {a: {charm: 'cs:etcd-1', options:"
        " {x: .nan, y: .inf, z: -.inf, q: 1.5}}}",
        encoding="utf-8",
    )

    assert run_main("plan", str(bundle), "--juju", "2.9", "--format", "json") == 0

    report = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    options = next(c["args"] for c in report["changes"] if c["method"] == "deploy")[3]
    assert options == {"x": ".nan", "y": ".inf", "z": "-.inf", "q": 1.5}


def test_only_the_module_for_output_prints() -> None:
    """So that no text reaches a terminal past the function that makes it visible."""
    sources = (ROOT / "generator/botlab").rglob("*.py")
    printing = [
        source.name
        for source in sources
        if re.search(r"\bprint\(|std(out|err)\.write|\.write\(", source.read_text("utf-8"))
    ]
    # Three write files, one the standard input of programs.
    files = ["archive.py", "file_output.py", "sources.py"]
    assert sorted(printing) == sorted([*files, "output.py", "process.py"])


COMMANDS = [
    ["init", "lab", "-o", "-"],
    ["render", str(ROOT / "examples/botlab/site.yaml"), "-o", "-"],
    ["validate", str(ROOT / "examples/botlab/site.yaml")],
    ["plan", str(ROOT / "examples/botlab/site.yaml"), "--format", "json"],
    ["schema"],
    ["--help"],
]


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", "</dev/null 1<&0"])
def test_output_that_cannot_be_written_gives_status_2_and_one_line(
    redirection: str, arguments: list[str]
) -> None:
    """A full device, a closed stream, and one that is open for reading only."""
    status, output, errors = program(*arguments, script=f'"$@" {redirection}')

    assert (status, output) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("botlab: standard output: cannot be written: ")


def test_output_that_the_encoding_lacks_gives_status_2_and_one_line(tmp_path: Path) -> None:
    """Nothing of the bundle is printed."""
    site = tmp_path / "site.yaml"
    site.write_text(
        f"{example_site()}applications: {{etcd: {{options: {{nagios_context: caf\u00e9}}}}}}",
        encoding="utf-8",
    )

    status, output, errors = program("render", str(site), "-o", "-", PYTHONIOENCODING="ascii")

    assert (status, output) == (2, "")
    assert errors.splitlines() == [
        "botlab: standard output: cannot be written: ascii has no character '\\xe9'; set"
        " PYTHONIOENCODING=utf-8, or write to a file with --output"
    ]


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_error_never_moves_to_standard_output(redirection: str) -> None:
    """The exit status shows it also when standard error is closed or full."""
    assert program("validate", "/missing", script=f'"$@" {redirection}') == (2, "", "")


@pytest.mark.parametrize(("stream", "status"), [("stdout", 0), ("stderr", 2)])
def test_reader_that_has_ended_is_an_error_only_for_standard_error(
    stream: str, status: int
) -> None:
    """`botlab plan FILE | head -1` is usual. Without its notes, the plan would be incomplete."""
    reading, writing = os.pipe()
    os.close(reading)
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, stream: writing}
    command = [sys.executable, "-m", "botlab", "plan", str(ROOT / "examples/botlab/site.yaml")]
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}

    process = subprocess.run(command, **pipes, env=variables, check=False)
    os.close(writing)

    assert process.returncode == status
    assert b"Exception" not in (process.stderr or b"")


def test_status_of_a_command_that_has_ended_is_kept_without_a_reader(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("site: Not A Name\n", encoding="utf-8")

    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "botlab", "validate", str(site)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "generator"), "PYTHONUNBUFFERED": ""}

    process = subprocess.run(command, stdout=writing, env=variables, check=False)
    os.close(writing)

    assert process.returncode == 1
