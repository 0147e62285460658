"""What the commands print of included files and of secrets, as SECURITY.md says."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.rule_pages import example_site

CONTENT = "of-the-included-file"
PASSWORD = "hunter2"  # noqa: S105 - the value whose printing is tested


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Write a bundle that includes a file outside of its directory, and has a secret."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "secret.txt").write_text(CONTENT)
    text = f"""
applications:
  a:
    charm: ubuntu
    channel: stable
    num_units: 1
    options: {{motd: "include-file://../secret.txt", password: {PASSWORD}}}
    annotations: {{note: "include-base64://{tmp_path}/secret.txt"}}
"""
    path = tmp_path / "lab/bundle.yaml"
    path.write_text(text)
    return path


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that succeeds, and return what it prints."""
    assert main([*arguments, "--juju", "3.6"]) == 0
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_include_directives_read_any_file_of_the_user(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Juju reads the same files. The JSON of a plan has the arguments that Juju would send."""
    printed = output(capsys, "plan", str(bundle), "--format", "json")
    changes, _ = json.JSONDecoder().raw_decode(printed)  # the notes follow
    text = json.dumps(changes)

    assert text.count(CONTENT) == 1
    assert text.count(base64.b64encode(CONTENT.encode()).decode()) == 1
    assert text.count(PASSWORD) == 1


@pytest.mark.parametrize(
    "arguments",
    [("validate",), ("validate", "--format", "json"), ("plan",), ("plan", "--executed")],
)
def test_findings_and_plans_show_no_values(
    bundle: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither included content nor secrets."""
    command, *options = arguments
    text = output(capsys, command, str(bundle), *options)

    assert text
    for value in (CONTENT, base64.b64encode(CONTENT.encode()).decode(), PASSWORD):
        assert value not in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_difference_shows_included_content_but_no_secrets(
    bundle: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of an option decides whether its value is shown."""
    new = bundle.with_name("new.yaml")
    text = bundle.read_text().replace("include-file://../secret.txt", "plain")
    new.write_text(text.replace(PASSWORD, "hunter3"))
    printed = output(capsys, "diff", str(bundle), str(new), "--format", form)

    assert CONTENT in printed
    assert "(not shown)" in printed
    assert "hunter" not in printed


def test_rendered_bundle_keeps_the_directive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its path starts at the bundle; the content stays in its file."""
    (tmp_path / "secret.txt").write_text(CONTENT)
    option = 'applications: {etcd: {options: {channel: "include-file://secret.txt"}}}\n'
    (tmp_path / "site.yaml").write_text(example_site() + option)
    target = tmp_path / "out/bundle.yaml"
    target.parent.mkdir()

    assert main(["render", str(tmp_path / "site.yaml"), "-o", str(target)]) == 0
    assert "channel: include-file://../secret.txt\n" in target.read_text()
    assert CONTENT not in target.read_text() + capsys.readouterr().out
