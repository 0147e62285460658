"""Files from other people, through the whole program."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.cli import main
from botlab.juju import Juju

ROOT = Path(__file__).resolve().parents[3]

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


@pytest.mark.parametrize(
    "text",
    ["z:\r" + "".join(f"{' ' * level}a:\r" for level in range(1, 900)), "z: " + "[" * 900],
    ids=["lines that end with CR", "brackets"],
)
def test_deeply_nested_site_cannot_be_read(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is one line that names the file and its line."""
    (tmp_path / "site.yaml").write_text(f"site: lab\n{text}\n", encoding="utf-8", newline="")

    assert main(["validate", str(tmp_path / "site.yaml")]) == 2
    assert "nested deeper than 200 levels" in capsys.readouterr().err


@pytest.mark.parametrize("extra", ["x", '"*"'])
def test_option_with_an_alias_bomb_is_a_finding(
    extra: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The charm reads the option as YAML, and so do the rules about it."""
    lists = [f"addresses: &a0 [{','.join([extra] * 10)}]"]
    lists += [f"addresses: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    pools = "".join(f"        - {{name: p, {entry}}}\n" for entry in lists)
    options = f"\n      pools: |\n        address-pools:\n{pools}"

    text = bundle_text(charm="./metallb", options=options)
    assert "BL086" in finding_ids(text.replace("  a:\n", "  metallb:\n"), tmp_path, capsys)


@pytest.mark.parametrize(
    "text",
    ['{"model":' + "[" * 100000, '{"model": {}, "applications": {}, "machines": {"0": NaN}}'],
    ids=["nested deeply", "no number"],
)
def test_status_that_is_no_json_cannot_be_read(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's parser accepts NaN, and stops at deep nesting in its own way."""
    (tmp_path / "bundle.yaml").write_text(bundle_text(), encoding="utf-8")
    (tmp_path / "status.json").write_text(text, encoding="utf-8")
    arguments = ["--juju", "2.9", "--model", str(tmp_path / "status.json")]

    assert main(["plan", str(tmp_path / "bundle.yaml"), *arguments]) == 2
    assert "status.json: is not valid JSON:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "charm",
    ["./" + "a" * 256, '"./a\\0b"', "./bundle.yaml/x"],
    ids=["long", "null", "no directory"],
)
def test_path_that_no_charm_can_have_is_a_finding(
    charm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The system refuses the path for another reason than a missing file."""
    assert "J031" in finding_ids(bundle_text(charm=charm), tmp_path, capsys)


@pytest.mark.parametrize("value", ["include-file:///dev/zero", "include-base64://pipe"])
def test_device_or_pipe_is_not_included(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Either would be read without end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bundle.yaml").write_text(bundle_text(options=f'{{a: "{value}"}}'), "utf-8")

    assert main(["validate", str(tmp_path / "bundle.yaml"), "--juju", "2.9"]) == 2
    assert "is not a regular file" in capsys.readouterr().err


def test_include_with_a_null_character_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Juju's client cannot open such a path."""
    text = bundle_text(options='{a: "include-file://a\\0b"}')
    assert "J007" in finding_ids(text, tmp_path, capsys)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("metadata.yaml", b"name: a\nseries: 5\n"),
        ("metadata.yaml", b"name: a\nseries: [[bionic]]\n"),
        ("metadata.yaml", b"name: a\nx: 2001-99-99\n"),
        ("metadata.yaml", b"name: a\nx: !!timestamp now\n"),
        ("metadata.yaml", b"name: a\nextra-bindings: 5\n"),
        ("metadata.yaml", b"name: a\nrequires: {db: null}\n"),
        ("metadata.yaml", b"name: [a]\n"),
        ("metadata.yaml", b"name: a\nsummary: \xff\n"),
        ("config.yaml", b"options: {a: null}\n"),
        ("config.yaml", b"options: [a]\n"),
        ("manifest.yaml", b"bases: ubuntu\n"),
    ],
)
def test_charm_with_a_wrong_value_cannot_be_read(
    file: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names the file of the charm."""
    (tmp_path / "bundle.yaml").write_text(bundle_text(), encoding="utf-8")
    charm = tmp_path / "charms/a"
    charm.mkdir(parents=True)
    (charm / "metadata.yaml").write_text("name: a\n", encoding="utf-8")
    (charm / file).write_bytes(content)
    arguments = ["--juju", "2.9", "--charms", str(tmp_path / "charms")]

    assert main(["validate", str(tmp_path / "bundle.yaml"), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"botlab: {charm / file}: ")


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_number_of_units_is_checked_before_they_are_planned(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One number in the file must not decide how long the program runs."""
    file = tmp_path / "bundle.yaml"
    file.write_text(bundle_text(num_units="1000000000"), encoding="utf-8")

    assert main([command, str(file), "--juju", "2.9"]) == 2
    assert "has 1,000,000,000 units; botlab accepts 300,000" in capsys.readouterr().err


@pytest.mark.parametrize("tag", ["!!bool", "!!null", "!!timestamp", "!!binary", "!!int"])
def test_value_that_does_not_fit_its_tag_is_reported_with_its_key_and_line(
    tag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a bundle, Juju stops there. In a site, botlab does."""
    text = f"site: lab\napplications:\n  etcd:\n    options:\n      channel: {tag} a.b\n"
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "bundle.yaml").write_text(bundle_text(options=f"{{x: [{tag} a.b]}}"), "utf-8")

    assert main(["validate", str(tmp_path / "site.yaml")]) == 2
    assert "site.yaml:5: applications.etcd.options.channel: " in capsys.readouterr().err
    assert main(["validate", str(tmp_path / "bundle.yaml"), "--juju", "2.9"]) == 1
    location = "bundle.yaml:6: error J002 at applications.a.options.x[0]"
    assert location in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a\x85b", "\x85", "a\u2028b\u2029"])
def test_rare_line_breaks_in_a_site_value_are_preserved(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """YAML 1.1 would fold them in a text that is not quoted."""
    site = (ROOT / "examples/botlab/site.yaml").read_text(encoding="utf-8")
    site += f"  etcd: {{options: {{channel: {json.dumps(text)}}}}}\n"
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")

    main(["render", str(tmp_path / "site.yaml"), "-o", "-"])
    bundle = parse_bundle(BundleSource(capsys.readouterr().out), Juju.V3_6).bundle
    etcd = bundle.applications["etcd"]
    assert etcd is not None
    assert etcd.options["channel"] == text
