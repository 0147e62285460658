"""Files from other people, through the whole program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from botlab.cli import main

_HUGE = "1" * 4301


def bundle_text(**fields: str) -> str:
    """Return a bundle with one application, whose fields are YAML texts."""
    lines = {"charm": "cs:etcd-1", "num_units": "1", **fields}
    body = "".join(f"    {key}: {text}\n" for key, text in lines.items())
    return f"series: bionic\napplications:\n  a:\n{body}"


def finding_ids(text: str, directory: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Validate a bundle for Juju 2.9 and return the ids of its findings."""
    file = directory / "bundle.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["validate", str(file), "--juju", "2.9", "--format", "json"]) in (0, 1)
    return {finding["id"] for finding in json.loads(capsys.readouterr().out)["findings"]}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"charm": "http://x/foo/+-5"}, "J032"),
        ({"charm": "http://x/foo/²"}, "J032"),
        ({"charm": "http://x/foo/bionic/+-5"}, "J032"),
        ({"charm": f"http://x/foo/{_HUGE}"}, "J032"),
        ({"storage": f'{{a: "{_HUGE}"}}'}, "J036"),
        ({"storage": f'{{a: "-{_HUGE}"}}'}, "J036"),
        ({"to": f'["b/{_HUGE}"]'}, "J052"),
        ({"to": f'["lxd:a/{_HUGE}"]'}, "J052"),
        ({"to": f'["a-{"a" * 20000}!"]'}, "J051"),
        ({"to": f'["a{"-a" * 20000}!"]'}, "J051"),
        ({"devices": f'{{a: "{_HUGE},gpu"}}'}, "J037"),
        ({"constraints": f"cores={_HUGE}"}, "J022"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_number_or_name_that_does_not_fit_is_a_finding(
    fields: dict[str, str], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its length, its digits and its signs."""
    assert rule in finding_ids(bundle_text(**fields), tmp_path, capsys)


@pytest.mark.parametrize("machine", [_HUGE, f"9{_HUGE}"])
def test_machine_with_a_huge_number_is_planned(
    machine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Juju reads the numbers of a bundle's machines as texts."""
    file = tmp_path / "bundle.yaml"
    text = bundle_text(to=f'["{machine}"]') + f'machines:\n  ? "{machine}"\n  : {{}}\n'
    file.write_text(text, encoding="utf-8")

    assert main(["plan", str(file), "--juju", "2.9"]) == 0
    assert f"add new machine 0 (bundle machine {machine})" in capsys.readouterr().out


@pytest.mark.parametrize(
    "status",
    [
        {"machines": {_HUGE: {}}, "applications": {}},
        {"machines": {"²": {}}, "applications": {"a": {"units": {f"a/{_HUGE}": {}}}}},
    ],
)
def test_status_with_a_huge_number_is_read(
    status: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan names the application of the bundle."""
    (tmp_path / "bundle.yaml").write_text(bundle_text(), encoding="utf-8")
    (tmp_path / "status.json").write_text(json.dumps({"model": {}, **status}), encoding="utf-8")
    arguments = ["--juju", "2.9", "--model", str(tmp_path / "status.json")]

    assert main(["plan", str(tmp_path / "bundle.yaml"), *arguments]) == 0
    assert "etcd" in capsys.readouterr().out
