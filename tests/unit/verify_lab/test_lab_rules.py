"""The lab's rules: what fires them, what does not, and that they are total."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from botlab.bundle import Source, parse_bundle
from botlab.job import Request, open_job
from botlab.juju import Juju
from botlab.verify.lab import lab_findings, rules
from botlab.verify.lab.pages import page
from botlab.verify.subject import Subject

ROOT = Path(__file__).resolve().parents[3]


def ids(text: str, juju: Juju = Juju.V2_9) -> set[tuple[str, str]]:
    """Return the ids and paths of what the rules find in a bundle."""
    bundle = parse_bundle(Source(text), juju).bundle
    return {(finding.id, finding.path) for finding in lab_findings(Subject(bundle, juju))}


APPLICATION = "applications: {a: {charm: 'cs:a-1', %s}}"
ROWS = [
    ("BL020", "applications: {etcd: {charm: 'cs:etcd-1', num_units: 2}}",
     "applications.etcd.num_units"),
    ("BL024", APPLICATION % "num_units: 1, to: [node1.maas]", "applications.a.to[0]"),
    ("BL025", APPLICATION % "num_units: 1, to: ['0'], constraints: mem=4G",
     "applications.a.constraints"),
    ("BL026", APPLICATION % "num_units: 2, to: ['0', '0']", "applications.a.to[1]"),
    ("BL029", "applications: {}\nmachines: {'0': {constraints: 'tags=a,^a'}}",
     "machines.0.constraints"),
    ("BL040", "applications: {a: {charm: 'cs:a'}}", "applications.a.charm"),
    ("BL046", APPLICATION % "options: {docker_runtime: podman}",
     "applications.a.options.docker_runtime"),
    ("BL047", APPLICATION % "options: {client_password: x}",
     "applications.a.options.client_password"),
    ("BL048", "applications: {m: {charm: 'cs:kubernetes-master-1'}}",
     "applications.m.options.authorization-mode"),
    ("BL050", "applications: {etcd: {charm: 'cs:etcd-1'}}", "applications.etcd.options"),
    ("BL060", "applications: {s: {charm: ./nfs-server, num_units: 1, to: ['lxd:0']}}",
     "applications.s.to[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "path"), ROWS)
def test_rule_fires_at_its_path(rule: str, text: str, path: str) -> None:
    """The fault is found where it stands."""
    assert (rule, path) in ids(text)


HEALTHY = """
series: bionic
applications:
  etcd: {charm: "cs:etcd-3", num_units: 3, to: ["0", "1", "2"], options: {channel: 3.2/stable}}
  m:
    charm: "cs:kubernetes-master-5"
    num_units: 2
    to: ["0", "1"]
    options: {authorization-mode: "RBAC,Node", allow-privileged: "true"}
machines: {"0": {constraints: tags=a}, "1": {constraints: tags=b}, "2": {constraints: tags=c}}
relations: [["m:etcd", "etcd:db"]]
"""


def test_healthy_bundle_is_silent() -> None:
    """Nothing fires on a sound bundle: the near misses of the rows above."""
    assert ids(HEALTHY) == set()


def test_charm_store_url_with_juju_3() -> None:
    """cs: URLs are an error from 3.1 on, and none before."""
    text = "applications: {a: {charm: 'cs:a-1'}}"

    assert ("BL041", "applications.a.charm") in ids(text, Juju.V3_6)
    assert ids(text, Juju.V2_9) == set()


@pytest.mark.parametrize(
    ("pool", "rule"),
    [
        ("192.168.1.240-192.168.1.250", ""),
        ("192.168.1.5-192.168.1.12", "BL031"),
        ("192.168.1.150-192.168.1.160", "BL031"),
        ("10.1.3.0/24", "BL031"),
        ("172.16.0.0/28", "BL033"),
    ],
)
def test_pool_is_held_against_the_networks(tmp_path: Path, pool: str, rule: str) -> None:
    """Pools keep clear of machines, DHCP and pods, and inside the LAN."""
    data = yaml.safe_load((ROOT / "examples/botlab/site.yaml").read_text(encoding="utf-8"))
    data["metallb"]["pools"]["default"]["addresses"] = [pool]
    site = tmp_path / "site.yaml"
    site.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")

    found = {
        finding.id
        for finding in open_job(Request(site)).findings
        if finding.path == "metallb.pools.default.addresses[0]"
    }

    assert rule in found if rule else found == set()


def test_page_is_up_to_date() -> None:
    """The committed page is what the register gives; there are 40 rules and more."""
    assert (ROOT / "docs/rules.md").read_text(encoding="utf-8") == page()
    assert len(rules()) >= 40


VALUES = st.recursive(
    st.sampled_from([None, 1, "x", "0", "lxd:0", "new", "cs:etcd-1", "kubernetes-worker", True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "charm", "to", "num_units", "options", "constraints", "0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["applications", "machines", "relations"]), VALUES),
    st.sampled_from(list(Juju)),
)
def test_rules_are_total(document: dict[str, object], juju: Juju) -> None:
    """No bundle, however odd, makes a rule raise."""
    bundle = parse_bundle(Source(yaml.safe_dump(document)), juju).bundle

    assert isinstance(lab_findings(Subject(bundle, juju)), list)
