"""How findings are printed, and the moment of a refusal."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.github import workflow_commands
from botlab.cli.style import count_text, print_findings, uses_colours
from botlab.findings import Finding, Severity
from helpers.terminals import Terminal

BUNDLE = "applications: {app-2: {charm: x, channel: stable, revision: -2}}"


def test_text_says_which_messages_appear_half_way_through_the_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others come from the client, in a dry run too."""
    file = tmp_path / "bundle.yaml"
    file.write_text(BUNDLE, encoding="utf-8")

    main(["validate", str(file), "--juju", "3.6"])

    headings = [line for line in capsys.readouterr().out.splitlines() if "(message" in line]
    assert [heading.partition(": error ")[2] for heading in headings] == [
        "J035 at applications.app-2.revision (message from Juju)",
        "J100 at applications.app-2 (message from Juju, half way through the deployment)",
    ]


def test_json_has_the_moment_of_each_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rules of this project have none."""
    file = tmp_path / "bundle.yaml"
    file.write_text(BUNDLE, encoding="utf-8")

    main(["validate", str(file), "--juju", "3.6", "--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    moments = {finding["id"]: finding["when"] for finding in findings}
    assert (moments["J035"], moments["J100"]) == ("dry-run", "deploy")
    assert {moments[rule] for rule in moments if rule.startswith("BL")} <= {None}


@pytest.mark.parametrize(
    ("errors", "warnings", "text"),
    [
        (0, 0, "0 errors, 0 warnings"),
        (1, 1, "1 error, 1 warning"),
        (2, 3, "2 errors, 3 warnings"),
    ],
)
def test_numbers_of_errors_and_warnings(errors: int, warnings: int, text: str) -> None:
    severities = [Severity.ERROR] * errors + [Severity.WARNING] * warnings

    findings = [Finding("BL001", severity, "lab", (), "", "") for severity in severities]

    assert count_text(findings) == text


def test_finding_about_the_whole_file_is_at_the_top(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("BL001", Severity.ERROR, "lab", (), "the text is empty", "write a site")

    print_findings([finding], "site.yaml", sys.stdout)

    assert capsys.readouterr().out == (
        "site.yaml: error BL001 at the top\n"
        "    the text is empty\n"
        "    fix: write a site\n"
        "site.yaml: 1 error, 0 warnings\n"
    )


def pinned(name: str, *, fix: str = "") -> Finding:
    """Return a finding of one rule at one key."""
    text = f"{name} is not pinned"
    return Finding(
        "BL040", Severity.WARNING, "lab", ("kubernetes",), text, fix or f"pin {name}", 3
    )


def test_findings_of_one_rule_at_one_key_are_printed_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Eight charms without a revision are one mistake."""
    other = Finding("BL021", Severity.ERROR, "lab", ("kubernetes",), "one unit", "add one", 3)
    many = [pinned(name) for name in ("a", "b", "c", "d")]

    print_findings([*many[:2], other, *many[2:]], "site.yaml", sys.stdout, ignored=2)

    assert capsys.readouterr().out == (
        "site.yaml:3: warning BL040 at kubernetes\n"
        "    a is not pinned\n"
        "    b is not pinned\n"
        "    c is not pinned\n"
        "    d is not pinned\n"
        "    fix: pin a (and 3 more like it)\n"
        "site.yaml:3: error BL021 at kubernetes\n"
        "    one unit\n"
        "    fix: add one\n"
        "site.yaml: 1 error, 4 warnings (2 ignored)\n"
    )


def test_few_findings_keep_their_own_fixes(capsys: pytest.CaptureFixture[str]) -> None:
    """With the same fix, they are printed together, and the fix once."""
    print_findings([pinned("a"), pinned("b")], "s", sys.stdout)
    print_findings([pinned("a", fix="pin"), pinned("b", fix="pin")], "s", sys.stdout)

    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if ":3:" not in line]
    assert lines == [
        "a is not pinned", "fix: pin a", "b is not pinned", "fix: pin b",
        "s: 0 errors, 2 warnings",
        "a is not pinned", "b is not pinned", "fix: pin", "s: 0 errors, 2 warnings",
    ]  # fmt: skip


def unpacked(name: str, line: int = 0) -> Finding:
    """Return a finding that one command ends at all keys. Without a line, it names no file."""
    file = "s" if line else ""
    return Finding(
        "BL015", Severity.WARNING, "lab", (name,), f"no {name}", "make charms", line, file
    )


def test_findings_at_several_keys_that_one_fix_ends_are_printed_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each with its key and its line. Two findings stay apart."""
    print_findings([unpacked("a"), pinned("x"), unpacked("b", 7), unpacked("c", 9)], "s")
    print_findings([unpacked("a"), unpacked("b", 7)], "s")

    assert capsys.readouterr().out == (
        "s: warning BL015 at a and 2 more keys\n"
        "    a: no a\n"
        "    line 7, b: no b\n"
        "    line 9, c: no c\n"
        "    fix: make charms\n"
        "s:3: warning BL040 at kubernetes\n"
        "    x is not pinned\n"
        "    fix: pin x\n"
        "s: 0 errors, 4 warnings\n"
        "s: warning BL015 at a\n"
        "    no a\n"
        "    fix: make charms\n"
        "s:7: warning BL015 at b\n"
        "    no b\n"
        "    fix: make charms\n"
        "s: 0 errors, 2 warnings\n"
    )


@pytest.mark.parametrize("field", ["severity", "file", "source", "id"])
def test_findings_that_differ_in_more_than_their_key_stay_apart(
    field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"severity": Severity.ERROR, "file": "t", "source": "juju", "id": "BL016"}
    others = [
        dataclasses.replace(unpacked("c", 9), **{field: values[field]})  # type: ignore[arg-type]
    ]

    print_findings([unpacked("a", 1), unpacked("b", 7), *others], "s")

    assert "more key" not in capsys.readouterr().out


def test_findings_at_one_of_several_keys_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """As the machines of a group."""
    several = [dataclasses.replace(unpacked("b", 7), message=f"no b{n}") for n in range(3)]

    print_findings([unpacked("a"), *several, unpacked("c")], "s")

    assert capsys.readouterr().out.splitlines()[:4] == [
        "s: warning BL015 at a and 2 more keys",
        "    a: no a",
        "    line 7, b: no b0 (and 2 more like it)",
        "    c: no c",
    ]


def test_many_messages_at_one_key_are_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    """As those of a group of two hundred machines."""
    print_findings([pinned(f"m{number}") for number in range(12)], "s", full="botlab all")

    assert capsys.readouterr().out.splitlines()[10:] == [
        "    m9 is not pinned",
        "    and 2 more; run `botlab all` to see all of them",
        "    fix: pin m0 (and 11 more like it)",
        "s: 0 errors, 12 warnings",
    ]


def test_many_findings_with_one_fix_are_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([unpacked(f"m{number}") for number in range(40)], "s", full="botlab all")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "s: warning BL015 at m0 and 39 more keys"
    assert lines[10:] == [
        "    m9: no m9",
        "    and 30 more; run `botlab all` to see all of them",
        "    fix: make charms",
        "s: 0 errors, 40 warnings",
    ]


def test_no_message_is_left_out_that_no_command_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As those about parts of a bundle that a Terraform plan cannot have."""
    print_findings([unpacked(f"m{number}") for number in range(40)], "s")

    lines = capsys.readouterr().out.splitlines()
    assert lines[1:41] == [f"    m{number}: no m{number}" for number in range(40)]


def test_github_shows_each_finding_beside_its_line() -> None:
    """The characters that end a property or a message are escaped as GitHub's toolkit does."""
    finding = Finding(
        "BL001", Severity.ERROR, "lab", ("x",), "50% of a,\nb: c", "", 3, "a,b:c.yaml", column=7
    )

    assert [*workflow_commands([finding, pinned("a")], "site.yaml")] == [
        "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=BL001::50%25 of a,%0Ab: c",
        "::warning file=site.yaml,line=3,title=BL040::a is not pinned%0Afix: pin a",
    ]


def test_json_names_file_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the site and in its layers; also where the file cannot be read at all."""
    site, layer = tmp_path / "site.yaml", tmp_path / "layer.yaml"
    site.write_text("site: lab\njuju: 3\nkubernetes: {profil: x}\n", encoding="utf-8")
    layer.write_text("machines:\n  a: {gpu: 7, gpu: 7}\n", encoding="utf-8")

    assert main(["validate", str(site), "--layer", str(layer), "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    places = {(f["path"], Path(f["file"]).name, f["line"], f["column"]) for f in findings}
    assert {
        ("juju", "site.yaml", 2, 1),
        ("kubernetes.profil", "site.yaml", 3, 14),
        ("machines.a.gpu", "layer.yaml", 2, 7),
        ("machines.a.gpu", "layer.yaml", 2, 15),
    } <= places

    layer.write_text("machines:\n  a: @x\n", encoding="utf-8")
    assert main(["validate", str(site), "--layer", str(layer), "--format", "json"]) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert (error["file"], error["line"], error["column"]) == (str(layer), 2, 6)
    assert captured.err == f"botlab: {error['message']}\n"

    assert main(["plan", str(tmp_path / "no.yaml"), "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["file"], error["line"], error["column"]) == (
        str(tmp_path / "no.yaml"), None, None,
    )  # fmt: skip


def test_columns_of_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A relation is found by its ends, and a fault by its position."""
    bundle = tmp_path / "bundle.yaml"
    command = ["validate", str(bundle), "--juju", "3.6", "--format", "json"]
    bundle.write_text(
        "applications: {a: {charm: a}}\nrelations: [[a, b], [a, a]]\n", encoding="utf-8"
    )
    assert main(command) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["id"], f["line"], f["column"]) for f in findings if f["id"] != "BL040"][:2] == [
        ("J062", 2, 13), ("J063", 2, 21),
    ]  # fmt: skip

    bundle.write_text("applications:\n  a: {charm: @a}\n", encoding="utf-8")
    assert main(command) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["line"], finding["column"]) == (2, 14)


@pytest.mark.parametrize(
    ("environment", "stream", "has_colours"),
    [
        ({"TERM": "xterm"}, Terminal(), True),
        ({}, Terminal(), True),
        ({"TERM": "dumb"}, Terminal(), False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, Terminal(), False),
        ({"TERM": "xterm", "NO_COLOR": ""}, Terminal(), True),
        ({"TERM": "xterm"}, io.StringIO(), False),
    ],
)
def test_colours_need_a_terminal_that_has_them_and_no_objection(
    environment: dict[str, str],
    stream: io.StringIO,
    has_colours: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty NO_COLOR is no objection, says no-color.org."""
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    assert uses_colours(stream) is has_colours


def test_severities_have_their_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are red, and warnings yellow. Nothing else is coloured."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    findings = [
        Finding("BL001", Severity.ERROR, "lab", ("nfs",), "m", "f"),
        Finding("BL021", Severity.WARNING, "lab", ("nfs",), "n", ""),
    ]
    out = Terminal()

    print_findings(findings, "site.yaml", out, ignored=2)

    assert out.getvalue() == (
        "site.yaml: \033[1m\033[31merror\033[0m BL001 at nfs\n    m\n    fix: f\n"
        "site.yaml: \033[1m\033[33mwarning\033[0m BL021 at nfs\n    n\n"
        "site.yaml: 1 error, 1 warning (2 ignored)\n"
    )
