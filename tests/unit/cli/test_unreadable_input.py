"""Input that cannot be read: a program learns the file, and the line where there is one."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.cli.github import workflow_commands
from botlab.findings import Finding, Severity

ROOT = Path(__file__).resolve().parents[3]
SITE = "site: lab\njuju: '3.6'\nkubernetes: {profile: charmed-k8s}\nmachines: {a: {}}\n"
_ALIASES = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in itertools.pairwise("abcdefg")
)
_FILES: dict[str, tuple[Callable[[Path], object], int | None]] = {
    "missing": (lambda path: None, None),
    "not UTF-8": (lambda path: path.write_bytes(b"site: \xff\n"), None),
    "a directory": (lambda path: path.mkdir(), None),
    "a pipe": (lambda path: os.mkfifo(path), None),
    "empty": (lambda path: path.write_text(""), None),
    "two documents": (lambda path: path.write_text(f"{SITE}---\n{SITE}"), None),
    "a list": (lambda path: path.write_text("[]\n"), None),
    "a tab": (lambda path: path.write_text("site: lab\n\tjuju: 1\n"), 2),
    "a tag": (lambda path: path.write_text(f"{SITE}description: !!int x\n"), 5),
    "deep": (lambda path: path.write_text(f"{SITE}x: {'[' * 2000}{']' * 2000}\n"), 5),
    "aliases": (lambda path: path.write_text(f"{SITE}{_ALIASES}"), None),
    "itself": (lambda path: path.write_text(f"{SITE}x: &x [*x]\n"), 5),
}


@pytest.mark.parametrize("form", ["json", "github"])
@pytest.mark.parametrize("kind", _FILES)
def test_unreadable_site_is_named(
    kind: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write, line = _FILES[kind]
    site = tmp_path / "site.yaml"
    write(site)

    assert main(["validate", str(site), "--format", form]) == 2
    output = capsys.readouterr().out
    if form == "json":
        error = json.loads(output)["error"]
        assert (error["file"], error["line"]) == (str(site), line)
    else:
        place = f"file={site},line={line}" if line else f"file={site},"
        assert output.startswith(f"::error {place}")
        assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"model": {},\n x}', 2), ("[1, 2]", None), (f"{'[' * 2000}{']' * 2000}", 1), ("", None)],
)
def test_unreadable_model_is_named(
    text: str, line: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, model = ROOT / "examples/modern/site.yaml", tmp_path / "model.json"
    model.write_text(text)

    assert main(["plan", str(site), "--model", str(model), "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["file"], error["line"]) == (str(model), line)


def test_github_shows_equal_findings_once() -> None:
    """It shows ten warnings of a step only, and a lab has more charms than that."""
    findings = [
        Finding("BL040", Severity.WARNING, "lab", (name,), f"{name} is not pinned", "pin it")
        for name in "abc"
    ]
    other = Finding("BL001", Severity.ERROR, "lab", ("x",), "no", "")

    assert [*workflow_commands([*findings, other], "site.yaml")] == [
        "::warning file=site.yaml,title=BL040::"
        "a: a is not pinned%0Ab: b is not pinned%0Ac: c is not pinned%0Afix: pin it",
        "::error file=site.yaml,title=BL001::no",
    ]
