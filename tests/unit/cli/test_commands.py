"""The commands as an administrator runs them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.cli import main
from botlab.findings import path_text
from helpers.assessments import of_rule

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "examples/botlab/site.yaml"
GOLDEN = ROOT / "examples/botlab/bundle.yaml"


EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/site.yaml"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_rendered_example_equals_the_committed_bundle(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Byte for byte, and each time."""
    folder = ROOT / "examples" / example
    texts: list[str] = []
    for _ in range(2):
        assert main(["render", str(folder / "site.yaml"), "-o", "-"]) == 0
        texts.append(capsys.readouterr().out)

    assert texts == [(folder / "bundle.yaml").read_text(encoding="utf-8")] * 2


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_has_exactly_the_warnings_that_its_readme_lists(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no errors."""
    folder = ROOT / "examples" / example
    assert main(["validate", str(folder / "site.yaml"), "--format", "json"]) == 0

    report = json.loads(capsys.readouterr().out)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    listed = {f"- `{finding['id']}` at `{finding['path']}`" for finding in report["findings"]}
    assert report["ok"] is True
    assert {entry for entry in listed if entry not in readme} == set()
    assert readme.count("- `BL") == len(listed)


def test_fix_of_a_missing_charm_is_a_command_that_works(tmp_path: Path) -> None:
    """It writes this suite's charms to the directory that the site names, spaces or not."""
    home = tmp_path / "my lab"
    home.mkdir()
    text = SITE.read_text(encoding="utf-8") + "  etcd: {charm: {local: ./mine/etcd.charm}}\n"
    (home / "site.yaml").write_text(text, encoding="utf-8")

    findings = of_rule(assess(Request(home / "site.yaml")).findings, "BL015")
    fixes = {path_text(finding.path): finding.fix for finding in findings}
    etcd_fix = fixes.pop("applications.etcd.charm")
    (fix,) = set(fixes.values())
    command = shlex.split(fix.partition(": ")[2])

    assert etcd_fix == "put the charm there before `juju deploy` (juju download NAME)"
    assert command == ["botlab", "charms", f"{home}/charms"]
    assert main([*command[1:], "--arch", "amd64"]) == 0
    findings = of_rule(assess(Request(home / "site.yaml")).findings, "BL015")
    assert [path_text(finding.path) for finding in findings] == ["applications.etcd.charm"]


def test_fix_of_a_missing_charm_names_the_architectures_that_charms_are_packed_for(
    tmp_path: Path,
) -> None:
    """No command packs a charm for another architecture."""
    site, layer = tmp_path / "site.yaml", tmp_path / "layer.yaml"
    site.write_text(SITE.read_text(encoding="utf-8"), encoding="utf-8")
    layer.write_text("machines: {node0: {constraints: arch=s390x}}\n", encoding="utf-8")

    findings = of_rule(assess(Request(site, layers=[layer])).findings, "BL015")
    fixes = {
        finding.message.split("/charms/")[1].partition(".charm")[0]: finding.fix
        for finding in findings
    }

    assert fixes["metallb_bionic-focal_s390x"] == (
        "place metallb on amd64 or arm64 machines, because this project's charms are not packed"
        " for s390x"
    )
    assert fixes["nvidia-runtime_bionic-focal_amd64"].startswith("write the charm there")


def test_render_does_not_replace_a_foreign_file_without_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --force it keeps a copy of the file."""
    output = tmp_path / "bundle.yaml"
    output.write_text("mine\n", encoding="utf-8")

    assert main(["render", str(SITE), "-o", str(output)]) == 2
    assert output.read_text(encoding="utf-8") == "mine\n"
    assert main(["render", str(SITE), "-o", str(output), "--force"]) == 0
    assert (tmp_path / "bundle.yaml.orig").read_text(encoding="utf-8") == "mine\n"
    assert main(["render", str(SITE), "-o", str(output)]) == 0
    assert "unchanged" in capsys.readouterr().out


def test_render_writes_nothing_if_the_site_has_errors(tmp_path: Path) -> None:
    """Not even a temporary file."""
    site = tmp_path / "site.yaml"
    site.write_text(SITE.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")

    assert main(["render", str(site)]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site.yaml"]


def test_path_of_an_included_file_starts_at_the_directory_of_the_bundle(tmp_path: Path) -> None:
    """In the site it starts at the site's directory. The bundle keeps the directive."""
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


def test_input_that_cannot_be_read_gives_exit_status_2_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A site file that is no YAML, a missing file, and a bundle without a Juju release."""
    broken = tmp_path / "site.yaml"
    broken.write_text("site: lab\nkubernetes: [", encoding="utf-8")

    assert main(["validate", str(broken), "--juju", "2.9"]) == 2
    assert main(["validate", str(tmp_path / "none.yaml")]) == 2
    assert main(["validate", str(GOLDEN)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ": is empty; write a site file to start from with `botlab init NAME`"),
        ("# a\n---\n", ": is empty; write a site file to start from with `botlab init NAME`"),
        ("a: 1", ": has no key of a site file, such as site, and none of a bundle, such as"),
        ("a: @x", ":1:4: cannot be read as YAML: found character that cannot start any token"),
        ("machines: {}", ": a bundle does not name a Juju release; add --juju 2.6, 2.9, 3.6 or"),
    ],
)
def test_file_that_may_be_anything_gives_the_reason(
    text: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release of Juju helps only where the file is a bundle."""
    path = tmp_path / "lab.yaml"
    path.write_text(text, encoding="utf-8")

    assert main(["validate", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"botlab: {path}{reason}")


@pytest.mark.parametrize(
    ("profile", "fix"),
    [
        ("k8s-1.28", "write charmed-k8s; no profile has Kubernetes 1.28"),
        ("k8s-1.32", "write canonical-k8s, with channel: 1.32/stable"),
        ("kubernetes-1.35", "write canonical-k8s or charmed-k8s, with channel: 1.35/stable"),
        ("k8s-1.14", "did you mean k8s-1.13?"),
        ("charmed", "did you mean charmed-k8s?"),
        ("x", "use one of canonical-k8s, charmed-k8s, existing, k8s-1.13"),
    ],
)
def test_unknown_profile_names_the_one_that_was_meant(
    profile: str, fix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A later release of Kubernetes needs today's charms."""
    site = tmp_path / "site.yaml"
    text = SITE.read_text(encoding="utf-8").replace("profile: k8s-1.13", f"profile: {profile}")
    site.write_text(text, encoding="utf-8")

    assert main(["validate", str(site), "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["id"], finding["fix"]) == ("BL014", fix)


def test_bundle_that_is_not_yaml_gives_a_finding_with_the_line_and_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where nothing shows what the file should be."""
    broken = tmp_path / "bundle.yaml"
    broken.write_text("applications:\n\ta: {charm: x}\n", encoding="utf-8")

    assert main(["validate", str(broken), "--juju", "4.0", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding == {
        "id": "J002",
        "severity": "error",
        "source": "juju",
        "when": "dry-run",
        "path": "",
        "file": str(broken),
        "line": 2,
        "column": 1,
        "message": "cannot unmarshal bundle contents: unmarshal document 0: yaml: line 2: found"
        " character that cannot start any token",
        "fix": "correct the YAML text: line 2, column 1: the line is indented with a tab; indent"
        " it with spaces",
    }

    broken.write_text("\t- x\n", encoding="utf-8")
    assert main(["plan", str(broken), "--juju", "3.6"]) == 1
    assert "yaml: found character that cannot start any token" in capsys.readouterr().err


def test_json_of_a_plan_has_the_stable_keys_for_each_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Other programs read them."""
    assert main(["plan", str(SITE), "--format", "json"]) == 0

    changes = json.loads(capsys.readouterr().out)["changes"]
    assert changes[0] == {
        "id": "addCharm-0",
        "method": "addCharm",
        "requires": [],
        "args": ["cs:~containers/easyrsa-195", "bionic"],
        "description": ["upload charm cs:~containers/easyrsa-195 for series bionic"],
    }


@pytest.mark.parametrize("command", [["schema"], ["completion", "bash"], ["init", "x", "-o", "-"]])
def test_command_that_prints_a_file_succeeds(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON Schema, a completion script, and a starter site."""
    assert main(command) == 0
    assert len(capsys.readouterr().out) > 500
