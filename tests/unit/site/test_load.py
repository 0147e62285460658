"""Loading a site file: its layers, and what remains when a value is wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.errors import BotlabError
from botlab.findings import path_text
from botlab.site.load import Layer, load_site

SITE = """
site: lab
juju: 2.6
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [etcd]}
"""


def test_unquoted_version_keeps_its_text() -> None:
    """`juju: 2.6` is the release 2.6, not a number."""
    loaded = load_site([Layer(SITE)])

    assert loaded.findings == ()
    assert loaded.site is not None
    assert loaded.site.juju == "2.6"


def test_later_layer_wins_key_by_key() -> None:
    """Mappings are merged, lists are replaced, and null removes a key."""
    layer = "machines: {node0: {tags: [a, b]}, node1: {}}\nkubernetes: {channel: 1.13/edge}"
    loaded = load_site([Layer(SITE), Layer(layer), Layer("machines: {node1: null}")])

    assert loaded.site is not None
    assert list(loaded.site.machines) == ["node0"]
    assert loaded.site.machines["node0"].tags == ["a", "b"]
    assert loaded.site.kubernetes.channel == "1.13/edge"


WRONG_VALUES = {
    "kubernetes.dashbord": True,
    "kubernetes.dashboard": "maybe",
    "kubernetes.extra-sans": {"a": 1},
    "networks.pods": "10.0.0.0/99",
    "networks.services": "x",
    "proxy.no-proxy": "x",
    "gpu.stack": "both",
    "nvidia.pins": ["x"],
    "nvidia.default-runtime": "perhaps",
    "nfs.path": "relative",
    "nfs.storage-class": "No Good",
    "kubeflow.user": "nobody",
    "kubeflow.hostname": "10.0.0.1",
    "kubeflow.tls-secret": "no-namespace",
    "kubeflow.gpu-vendor": "nvidia",
    "kubeflow.registry": "https://registry.lab.example",
    "kubeflow.manifests-url": "http://files.lab.example/m.tar.gz",
    "kubeflow.skipped": "nodes",
    "charms.source": "shop",
    "colour": "red",
}
WRONG_ENTRIES = {
    "kubeflow.excluded-components": "two words",
    "kubeflow.spawner-tolerations": "gpu=true:Never",
}
WRONG_MACHINE = {"gpu": "perhaps", "roles": ["chef"], "addresses": ["1.2.3"]}


def site_with_wrong_values() -> dict[str, Any]:
    """Return the site with all wrong values, and nine wrong machines."""
    site: dict[str, Any] = yaml.safe_load(SITE)
    site["nfs"] = {"server": "node0"}
    site["machines"] = {f"node{number}": WRONG_MACHINE for number in range(9)}
    entries = {path: [entry] for path, entry in WRONG_ENTRIES.items()}
    for path, wrong in (WRONG_VALUES | entries).items():
        section, _, key = path.rpartition(".")
        (site.setdefault(section, {}) if section else site)[key] = wrong
    return site


def test_each_wrong_value_has_an_error_and_no_other_value_has_one() -> None:
    """All at once: the errors name every wrong path, and only those."""
    machine_keys = ("gpu", "roles[0]", "addresses[0]")
    paths = {f"machines.node{number}.{key}" for number in range(9) for key in machine_keys}
    paths |= {*WRONG_VALUES, *(f"{path}[0]" for path in WRONG_ENTRIES)}

    loaded = load_site([Layer(yaml.safe_dump(site_with_wrong_values(), sort_keys=False))])

    assert len(paths) >= 40
    assert {path_text(finding.path) for finding in loaded.findings} == paths
    assert all(finding.fix and finding.line for finding in loaded.findings)
    assert loaded.site is not None


@pytest.mark.parametrize("key", ['a"b', "a.b", "a b", "a[0]", "", "."])
def test_path_of_a_finding_holds_a_key_with_special_characters_as_one_part(key: str) -> None:
    """The path is data, so no character of a key can split it."""
    layer = yaml.safe_dump({"machines": {key: {}}})

    (finding,) = load_site([Layer(SITE), Layer(layer, "layer.yaml")]).findings

    assert finding.path == ("machines", key)
    assert (finding.file, finding.line) == ("layer.yaml", 2)


KUBEFLOW = "kubeflow: {version: 0.6.2}"


@pytest.mark.parametrize(
    ("section", "layer", "is_enabled"),
    [
        ("kubeflow:", "{}", True),
        ("kubeflow:  # all defaults", "{}", True),
        ("kubeflow: {}", "{}", True),
        ("kubeflow: null", "{}", False),
        ("kubeflow: ~", "{}", False),
        ("", "kubeflow:", True),
        ("", "kubeflow: null", False),
        (KUBEFLOW, "kubeflow:", False),
        (KUBEFLOW, "kubeflow: null", False),
    ],
)
def test_empty_section_enables_a_feature_unless_an_earlier_layer_has_the_section(
    section: str, layer: str, is_enabled: bool
) -> None:
    """An empty section asks for all defaults. Over an earlier one it removes, like null."""
    loaded = load_site([Layer(f"{SITE}{section}\n"), Layer(layer)])

    assert loaded.site is not None
    assert loaded.findings == ()
    assert (loaded.site.kubeflow is not None) is is_enabled


@pytest.mark.parametrize(
    ("section", "layer", "entries"),
    [
        ("workers:\n  a100:\n  t4:", "{}", {"a100", "t4"}),
        ("workers:\n  a100: null\n  t4:", "{}", {"t4"}),
        ("workers: {a100: {}}", "workers:\n  a100:", set[str]()),
        ("", "workers:\n  a100:", {"a100"}),
    ],
)
def test_empty_entry_has_all_defaults_unless_an_earlier_layer_has_the_entry(
    section: str, layer: str, entries: set[str]
) -> None:
    """It is not left out. Over an earlier one it removes, like null."""
    loaded = load_site([Layer(f"{SITE}{section}\n"), Layer(layer)])

    assert loaded.site is not None
    assert loaded.findings == ()
    assert set(loaded.site.workers) == entries


def test_empty_machines_and_groups_are_part_of_the_site() -> None:
    site = load_site([Layer(SITE), Layer("machines:\n  spare:\ngroups:\n  gpu[0-1]:")]).site

    assert site is not None
    assert list(site.machines)[-3:] == ["spare", "gpu0", "gpu1"]


def test_empty_section_without_its_required_keys_is_an_error() -> None:
    """The findings name the missing keys. The section is not ignored."""
    findings = load_site([Layer(f"{SITE}nfs:\nmetallb:\nproxy:\n")]).findings

    assert [(finding.id, path_text(finding.path)) for finding in findings] == [
        ("BL003", "metallb.pools"), ("BL003", "nfs.server")
    ]  # fmt: skip


def trees() -> st.SearchStrategy[object]:
    """Return a strategy for nested data with some keys of the site file."""
    keys = ["site", "machines", "nfs", "server", "metallb", "pools", "tags"]
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    return st.recursive(
        leaves,
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(st.sampled_from(keys) | st.text(max_size=3), children, max_size=4)
        ),
        max_leaves=15,
    )


def load_twice(text: str) -> None:
    """Load a text as a site file and as a layer."""
    try:
        load_site([Layer(text)])
        load_site([Layer(SITE), Layer(text)])
    except BotlabError:
        return


@settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.one_of(st.text(), trees()))
def test_any_text_gives_findings_or_a_botlab_error(drawn: object) -> None:
    """Random text and random data raise nothing else."""
    load_twice(drawn if isinstance(drawn, str) else yaml.safe_dump(drawn))
