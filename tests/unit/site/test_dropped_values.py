"""What a site has in the place of its invalid values, so that its other keys are checked."""

from __future__ import annotations

import pytest

from botlab.site.load import Layer, LoadedSite, load_site
from botlab.site.model import Site

SITE = """
site: lab
juju: "3.6"
kubernetes: {profile: charmed-k8s}
machines:
  node0: {tags: [node0], roles: [etcd]}
  node1: {tags: [node1], roles: [worker]}
"""


def loaded(layer: str, juju: str = "") -> tuple[Site, LoadedSite]:
    """Return the site with a layer, and what was dropped from it."""
    result = load_site([Layer(SITE), Layer(layer, "layer.yaml")], juju=juju)
    assert result.site is not None
    assert result.findings
    return result.site, result


@pytest.mark.parametrize(("option", "release"), [("", "2.9"), ("4.0", "4.0")])
def test_release_of_the_command_line_replaces_an_invalid_one(option: str, release: str) -> None:
    """Without one it is 2.9."""
    site, result = loaded("juju: 1.25", option)

    assert site.juju == release
    assert result.dropped == {("juju",)}


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ("site: [x]", ("site",)),
        ("kubernetes: []", ("kubernetes",)),
        ("kubernetes: {profile: [x]}", ("kubernetes", "profile")),
    ],
)
def test_required_keys_have_placeholders(layer: str, path: tuple[str, ...]) -> None:
    """The other required keys stay as they are."""
    site, result = loaded(layer)

    assert site.site == ("unnamed" if path == ("site",) else "lab")
    profile = "charmed-k8s" if path == ("site",) else "k8s-1.13"
    assert site.kubernetes.profile == profile
    assert result.dropped == {path}


def test_first_machine_is_the_server_where_none_is_valid() -> None:
    """The sections of the other keys are checked with it."""
    site, result = loaded("nfs: {server: [x], path: /srv/x}")

    assert site.nfs is not None
    assert (site.nfs.server, site.nfs.path) == ("node0", "/srv/x")
    assert result.dropped == {("nfs", "server")}


def test_invalid_entries_of_a_list_are_dropped_and_the_others_stay() -> None:
    """From the last one to the first one."""
    site, result = loaded('machines: {node0: {addresses: ["1.2.3", "10.0.0.1", x, "10.0.0.2"]}}')

    assert list(map(str, site.machines["node0"].addresses)) == ["10.0.0.1", "10.0.0.2"]
    assert result.dropped == {
        ("machines", "node0", "addresses", 0),
        ("machines", "node0", "addresses", 2),
    }


def test_findings_at_above_and_below_a_dropped_value_follow_from_it() -> None:
    """Those beside it do not."""
    _, result = loaded("kubeflow: {version: [x]}")

    assert result.dropped == {("kubeflow", "version")}
    assert result.is_consequence(("kubeflow", "version"))
    assert result.is_consequence(("kubeflow", "version", "part"))
    assert result.is_consequence(("kubeflow",))
    assert not result.is_consequence(("kubeflow", "user"))
    assert not result.is_consequence(())
    assert result.is_dropped("kubeflow.version")
    assert result.is_dropped("kubeflow")
    assert result.is_dropped("*.version.part")
    assert not result.is_dropped("kubeflow.user")
    assert not result.is_dropped("nfs.version")


def test_finding_names_the_layer_and_the_line_of_its_value() -> None:
    """The last file that has the key."""
    _, result = loaded("\nkubeflow:\n  version: [x]\n")

    assert [(finding.file, finding.line) for finding in result.findings] == [("layer.yaml", 3)]
    assert result.locate(("machines", "node1", "absent")) == ("site.yaml", (7, 3))
