"""The file and line of a finding, in sites with layers and in bundles with overlays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.cli import main

Validate = Callable[..., dict[str, list[str]]]
SITE = """\
site: lab
juju: "2.9"
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [easyrsa, etcd, control-plane]}
  node1: {tags: [node1], roles: [worker]}
nfs:
  server: node1
  path: /srv/nfs
"""
BUNDLE = """\
applications:
  a: {charm: "cs:etcd-1", num_units: 1, options: {channel: 3.2/stable}}
  b: {charm: "cs:kubernetes-worker-1", num_units: 1}
  c: {charm: "cs:~x/nfs-server-1", num_units: 1}
relations:
- [a:db, b:kube-control]
"""
OVERLAY = """\
applications:
  etcd:
    num_units: 2
  kubernetes-worker:
    optoins: {}

relations:
- ["easyrsa:client", "nfs-server:certificates"]
- ["nfs-server:mount", "kubernetes-worker:nfs"]
"""


@pytest.fixture
def validate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Validate:
    """Return a function that validates files and returns the locations of findings, by rule."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **files: str) -> dict[str, list[str]]:
        for name, text in files.items():
            Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        assert main(["validate", *arguments]) in (0, 1)
        locations: dict[str, list[str]] = {}
        for line in capsys.readouterr().out.splitlines():
            location, _, finding = line.partition(": ")
            if finding.startswith(("error ", "warning ")):
                locations.setdefault(finding.split()[1], []).append(location)
        return locations

    return run


LAYERS = ["site.yaml", "--layer", "first.yaml", "--layer", "second.yaml"]


@pytest.mark.parametrize(
    ("first", "second", "rule", "location"),
    [
        ("{}", "nfs: {server: node9}", "BL013", "second.yaml:1"),
        ("site: x\nnfs: {server: node8}", "nfs: {server: node9}", "BL013", "second.yaml:1"),
        ("nfs: {server: node9}", "\n\nkubernetes: {ingress: false}", "BL013", "first.yaml:1"),
        ("nfs: {path: /etc}", "nfs: {server: node0}", "BL070", "first.yaml:1"),
        ("nfs: {storage-class: x}", "{}", "BL072", "site.yaml:9"),
        ("{}", "nfs: node9", "BL002", "second.yaml:1"),
        ("nfs: {path: /a, path: /b}", "{}", "BL005", "first.yaml:1"),
        ("\nkubernetes: {profile: none}", "{}", "BL014", "first.yaml:2"),
        ("{}", "{}", "BL021", "site.yaml:3"),
    ],
)
def test_finding_is_in_the_last_layer_that_has_most_of_its_key(
    validate: Validate, first: str, second: str, rule: str, location: str
) -> None:
    """With the layer's name and its own line."""
    locations = validate(*LAYERS, site=SITE, first=first, second=second)

    assert locations[rule] == [location]


def test_finding_about_a_part_that_an_overlay_decides_is_in_the_overlay(
    validate: Validate,
) -> None:
    """A value, an unknown key, and a relation by its ends. Other findings are in the site."""
    locations = validate("site.yaml", "--overlay", "over.yaml", site=SITE, over=OVERLAY)

    assert locations["BL020"] == ["over.yaml:3"]
    assert locations["BL001"] == ["over.yaml:5"]
    assert locations["BL055"] == ["over.yaml:9"]
    assert locations["BL072"] == ["site.yaml:9"]


def test_finding_about_a_bundle_is_in_the_overlay_that_decides(validate: Validate) -> None:
    """This applies to Juju's rules too."""
    overlay = "\n\n\napplications: {a: {num_units: 2}}\nrelations:\n- [c:mount, b:nfs]\n- [a, a]\n"
    arguments = ["bundle.yaml", "--juju", "2.9", "--overlay", "over.yaml"]
    locations = validate(*arguments, bundle=BUNDLE, over=overlay)

    assert locations["BL020"] == ["over.yaml:4"]
    assert locations["BL055"] == ["over.yaml:6"]
    assert locations["J063"] == ["over.yaml:7"]
    assert locations["BL056"] == ["bundle.yaml:3"]


def test_key_with_a_quotation_mark_stays_one_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The finding is on the line of the key itself."""
    etcd = """applications:\n  etcd:\n    options:\n      a: 1\n      'a"b': 2\n"""
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(etcd, encoding="utf-8")
    arguments = [str(tmp_path / "site.yaml"), "--layer", str(tmp_path / "layer.yaml")]

    main(["validate", *arguments, "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    main(["validate", *arguments])
    lines = capsys.readouterr().out.splitlines()

    paths = {finding["path"] for finding in findings if finding["id"] == "J072"}
    assert paths == {"applications.etcd.options.a", 'applications.etcd.options."a"b"'}
    locations = [
        line
        for line in lines
        if """ at applications.etcd.options."a"b" (message from Juju""" in line
    ]
    assert [line.partition(": ")[0] for line in locations] == [f"{tmp_path}/layer.yaml:5"]
