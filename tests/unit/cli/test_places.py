"""File and line of a finding, where a site has layers and a bundle overlays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.cli import main

Told = Callable[..., dict[str, list[str]]]
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
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Return a function that validates files and tells the places of what is found, by id."""
    monkeypatch.chdir(tmp_path)

    def validate(*arguments: str, **files: str) -> dict[str, list[str]]:
        for name, text in files.items():
            Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        assert main(["validate", *arguments]) in (0, 1)
        found: dict[str, list[str]] = {}
        for line in capsys.readouterr().out.splitlines():
            place, _, rest = line.partition(": ")
            if rest.startswith(("error ", "warning ")):
                found.setdefault(rest.split()[1], []).append(place)
        return found

    return validate


LAYERS = ["site.yaml", "--layer", "one.yaml", "--layer", "two.yaml"]


@pytest.mark.parametrize(
    ("one", "two", "rule", "place"),
    [
        ("{}", "nfs: {server: node9}", "BL013", "two.yaml:1"),
        ("site: x\nnfs: {server: node8}", "nfs: {server: node9}", "BL013", "two.yaml:1"),
        ("nfs: {server: node9}", "\n\nkubernetes: {ingress: false}", "BL013", "one.yaml:1"),
        ("nfs: {path: /etc}", "nfs: {server: node0}", "BL070", "one.yaml:1"),
        ("nfs: {storage-class: x}", "{}", "BL072", "site.yaml:9"),
        ("{}", "nfs: node9", "BL002", "two.yaml:1"),
        ("nfs: {path: /a, path: /b}", "{}", "BL005", "one.yaml:1"),
        ("\nkubernetes: {profile: none}", "{}", "BL014", "one.yaml:2"),
        ("{}", "{}", "BL021", "site.yaml:3"),
    ],
)
def test_the_last_layer_that_says_most_is_named(
    told: Told, one: str, two: str, rule: str, place: str
) -> None:
    """By its name and its own line, whatever the lines of the files below are."""
    found = told(*LAYERS, site=SITE, one=one, two=two)

    assert found[rule] == [place]


def test_what_an_overlay_decides_stands_in_the_overlay(told: Told) -> None:
    """A value, a key that is none, a relation by its ends; the rest stays the site's."""
    found = told("site.yaml", "--overlay", "over.yaml", site=SITE, over=OVERLAY)

    assert found["BL020"] == ["over.yaml:3"]
    assert found["BL001"] == ["over.yaml:5"]
    assert found["BL055"] == ["over.yaml:9"]
    assert found["BL072"] == ["site.yaml:9"]


def test_a_bundle_and_its_overlays(told: Told) -> None:
    """The same for a bundle of others; a Juju rule too."""
    overlay = "\n\n\napplications: {a: {num_units: 2}}\nrelations:\n- [c:mount, b:nfs]\n- [a, a]\n"
    arguments = ["bundle.yaml", "--juju", "2.9", "--overlay", "over.yaml"]
    found = told(*arguments, bundle=BUNDLE, over=overlay)

    assert found["BL020"] == ["over.yaml:4"]
    assert found["BL055"] == ["over.yaml:6"]
    assert found["J063"] == ["over.yaml:7"]
    assert found["BL056"] == ["bundle.yaml:3"]


def test_key_with_a_quotation_mark_stays_one_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path keeps its parts from the rule to the printer, so the line is the key's own."""
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
    places = [
        line
        for line in lines
        if line.endswith(""" at applications.etcd.options."a"b" (Juju's words)""")
    ]
    assert [place.partition(": ")[0] for place in places] == [f"{tmp_path}/layer.yaml:5"]
