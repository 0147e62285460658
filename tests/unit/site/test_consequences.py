"""What only follows from a value that was left out is not told; empty sections count."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import Finding, path_text
from botlab.job import Request, open_job
from botlab.render.own import wanted
from botlab.site.load import Layer, load_site

SITE = """\
site: lab
juju: "2.9"
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [easyrsa, etcd, control-plane]}
  node1: {tags: [node1], roles: [etcd, control-plane]}
  node2: {tags: [node2], roles: [etcd, worker]}
kubeflow: {version: 0.6.2}
"""


def found(tmp_path: Path, *layers: str) -> list[Finding]:
    """Return the findings of the site with layers over it, packed charms aside."""
    files = [tmp_path / f"{number}.yaml" for number in range(len(layers) + 1)]
    for file, text in zip(files, (SITE, *layers), strict=True):
        file.write_text(text, encoding="utf-8")
    findings = open_job(Request(files[0], layers=files[1:])).findings
    return [one for one in findings if one.id != "BL015"]


def ids(tmp_path: Path, *layers: str) -> set[str]:
    """Return the ids of what is found."""
    return {one.id for one in found(tmp_path, *layers)}


ALL = {"BL058", "BL059", "BL066", "BL079"}


@pytest.mark.parametrize(
    ("layer", "hidden"),
    [
        ("{}", set[str]()),
        ("nfs: node1", {"BL058"}),
        ("nfs: {path: 3}", {"BL058"}),
        ("metallb: foo", {"BL059"}),
        ("metallb: {pools: {}}", {"BL059"}),
        ("applications: []", {"BL079"}),
        ("applications: {kubeflow-installer: {resources: {kfctl: 1.5}}}", {"BL079"}),
        ("applications: {kubeflow-installer: {resources: {manifests: 1.5}}}", set[str]()),
        ("kubernetes: {channel: [1.15]}", {"BL066", "BL079"}),
        ("kubernetes: 3", {"BL066", "BL079"}),
    ],
)
def test_what_follows_is_hidden(tmp_path: Path, layer: str, hidden: set[str]) -> None:
    """And nothing else is."""
    told = ids(tmp_path, layer)

    assert told & ALL == ALL - hidden
    assert bool(told & {"BL002", "BL003", "BL004"}) == (layer != "{}")


@pytest.mark.parametrize(
    ("layer", "hidden"),
    [
        ("machines: {node1: {roles: x}}", True),
        ("applications: {kubernetes-master: {to: 3}}", True),
        ("machines: {node1: {gpu: perhaps}}", False),
    ],
)
def test_units_are_not_counted_where_a_place_is_missing(
    tmp_path: Path, layer: str, hidden: bool
) -> None:
    """A control plane of one unit, or an even number of etcd, may be what is left."""
    one = "machines: {node0: {roles: [etcd]}}"

    assert ("BL021" in ids(tmp_path, one, layer)) is not hidden
    assert "BL021" in ids(tmp_path, one)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("kubeflow-installer", "add the section `kubeflow: {}`"),
        ("nfs-server", "add the section `nfs: {server: MACHINE}`"),
        ("metallb", "add the section `metallb: {pools: {default: {addresses: [FIRST-LAST]}}}`"),
        ("nvidia-runtime", "add gpu: true to a machine that has one, with gpu.stack: charm"),
    ],
)
def test_a_charm_of_this_suite_is_asked_for_by_its_section(
    tmp_path: Path, name: str, fix: str
) -> None:
    """So that is the mend, and no list of the profile's applications."""
    layer = f"applications: {{{name}: {{expose: false}}}}\nkubeflow: null"
    (told,) = [one for one in found(tmp_path, layer) if one.id == "BL011"]

    assert told.fix == f"{fix}; or take these lines out"
    assert told.message == f"the site does not ask for {name}, which is left out"


def test_an_application_of_a_section_left_out_is_no_stranger(tmp_path: Path) -> None:
    """The section is the fault; but another application stays one."""
    layer = "metallb: foo\napplications: {metallb: {}, metalb: {}}"

    assert [path_text(one.path) for one in found(tmp_path, layer) if one.id == "BL011"] == [
        "applications.metalb"
    ]


@pytest.mark.parametrize(
    ("text", "layer", "asked"),
    [
        ("kubeflow:", "", True),
        ("kubeflow:  # all defaults", "", True),
        ("kubeflow: {}", "", True),
        ("kubeflow: null", "", False),
        ("kubeflow: ~", "", False),
        ("", "kubeflow:", True),
        ("", "kubeflow: null", False),
        ("kubeflow: {version: 0.6.2}", "kubeflow:", False),
        ("kubeflow: {version: 0.6.2}", "kubeflow: null", False),
    ],
)
def test_an_empty_section(text: str, layer: str, asked: bool) -> None:
    """It asks for the defaults, unless it stands over one of an earlier file."""
    site = SITE.replace("kubeflow: {version: 0.6.2}\n", f"{text}\n")
    loaded = load_site([Layer(site), Layer(layer or "{}")])

    assert loaded.site is not None
    assert loaded.findings == ()
    assert ("kubeflow-installer" in wanted(loaded.site)) is asked


def test_an_empty_section_that_needs_keys_says_which() -> None:
    """Instead of being passed by in silence."""
    findings = load_site([Layer(SITE + "nfs:\nmetallb:\nproxy:\n")]).findings

    assert [(one.id, path_text(one.path)) for one in findings] == [
        ("BL003", "metallb.pools"), ("BL003", "nfs.server")
    ]  # fmt: skip
