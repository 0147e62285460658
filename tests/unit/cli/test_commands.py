"""The commands as an administrator runs them."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.findings import path_text
from botlab.assessment import Request, assess

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "examples/botlab/site.yaml"
GOLDEN = ROOT / "examples/botlab/bundle.yaml"


EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/site.yaml"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_equals_its_golden_file(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Rendering an example gives the committed bundle, byte for byte, twice."""
    folder = ROOT / "examples" / example
    texts: list[str] = []
    for _ in range(2):
        assert main(["render", str(folder / "site.yaml"), "-o", "-"]) == 0
        texts.append(capsys.readouterr().out)

    assert texts == [(folder / "bundle.yaml").read_text(encoding="utf-8")] * 2


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_verifies_with_the_warnings_its_readme_lists(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No errors; each warning is named in the example's README, and no other."""
    folder = ROOT / "examples" / example
    assert main(["validate", str(folder / "site.yaml"), "--format", "json"]) == 0

    judged = json.loads(capsys.readouterr().out)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    listed = {f"- `{finding['id']}` at `{finding['path']}`" for finding in judged["findings"]}
    assert judged["ok"] is True
    assert {place for place in listed if place not in readme} == set()
    assert readme.count("- `BL") == len(listed)


def test_the_mend_of_a_missing_charm_is_one_that_works(tmp_path: Path) -> None:
    """It fills the very folder that the site names, blanks or not; other charms come otherwise."""
    home = tmp_path / "my lab"
    home.mkdir()
    text = SITE.read_text(encoding="utf-8") + "  etcd: {charm: {local: ./mine/etcd.charm}}\n"
    (home / "site.yaml").write_text(text, encoding="utf-8")

    found = [one for one in assess(Request(home / "site.yaml")).findings if one.id == "BL015"]
    (fix,) = {one.fix for one in found if path_text(one.path) != "applications.etcd.charm"}
    command = shlex.split(fix.partition(": ")[2])
    dry = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, check=True)

    assert [one.fix for one in found if path_text(one.path) == "applications.etcd.charm"] == [
        "put the charm there before `juju deploy` (juju download NAME)"
    ]
    assert command == ["make", "charms", f"CHARMS={home}/charms"]
    assert f'pack.py --output "{home}/charms"' in dry.stdout.decode()


def test_render_refuses_what_it_did_not_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A foreign or edited file stays as it is; --force keeps a copy."""
    output = tmp_path / "bundle.yaml"
    output.write_text("mine\n", encoding="utf-8")

    assert main(["render", str(SITE), "-o", str(output)]) == 2
    assert output.read_text(encoding="utf-8") == "mine\n"
    assert main(["render", str(SITE), "-o", str(output), "--force"]) == 0
    assert (tmp_path / "bundle.yaml.orig").read_text(encoding="utf-8") == "mine\n"
    assert main(["render", str(SITE), "-o", str(output)]) == 0
    assert "unchanged" in capsys.readouterr().out


def test_render_writes_nothing_when_there_is_an_error(tmp_path: Path) -> None:
    """An error leaves no file behind."""
    site = tmp_path / "site.yaml"
    site.write_text(SITE.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")

    assert main(["render", str(site)]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site.yaml"]


def test_an_included_file_is_told_from_where_the_bundle_stands(tmp_path: Path) -> None:
    """The site names it from its own folder; the bundle keeps the directive, not the content."""
    layer = tmp_path / "layer.yaml"
    layer.write_text(
        "applications: {etcd: {options: {nagios_context: 'include-file://context'}}}",
        encoding="utf-8",
    )
    (tmp_path / "site.yaml").write_bytes(SITE.read_bytes())
    (tmp_path / "context").write_text("CONTENT", encoding="utf-8")
    (tmp_path / "out").mkdir()
    target = tmp_path / "out/bundle.yaml"

    command = ["render", str(tmp_path / "site.yaml"), "--layer", str(layer), "-o", str(target)]
    assert main(command) == 0

    text = target.read_text(encoding="utf-8")
    assert "include-file://../context" in text
    assert "CONTENT" not in text


def test_unreadable_input_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, one line, no traceback."""
    broken = tmp_path / "bundle.yaml"
    broken.write_text("a: [", encoding="utf-8")

    assert main(["validate", str(broken), "--juju", "2.9"]) == 2
    assert main(["validate", str(tmp_path / "none.yaml")]) == 2
    assert main(["validate", str(GOLDEN)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_plan_prints_the_stable_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each change has id, method, requires, args and description lines."""
    assert main(["plan", str(SITE), "--format", "json"]) == 0

    changes = json.loads(capsys.readouterr().out)["changes"]
    assert changes[0] == {
        "id": "addCharm-0",
        "method": "addCharm",
        "requires": [],
        "args": ["cs:~containers/easyrsa-195", "bionic"],
        "description": ["upload charm cs:~containers/easyrsa-195 for series bionic"],
    }


@pytest.mark.parametrize(
    "topic", ["", "rules", "profiles", "BL015", "bl031", "J051", "nfs.server"]
)
def test_explain_knows_rules_keys_and_profiles(topic: str) -> None:
    """Each kind of topic is explained."""
    assert main(["explain", topic] if topic else ["explain"]) == 0


@pytest.mark.parametrize("command", [["schema"], ["completion", "bash"], ["init", "x", "-o", "-"]])
def test_printing_commands(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """They print and end well."""
    assert main(command) == 0
    assert len(capsys.readouterr().out) > 500
