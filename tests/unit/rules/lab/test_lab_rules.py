"""The lab's rules: what fires them, what does not, and that they are total."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle.charm_url import charm_name
from botlab.catalogue.profiles import load_profile
from botlab.findings import Finding, Severity, path_text
from botlab.assessment import Request, assess
from botlab.juju import Juju
from botlab.rules.lab import lab_findings, rules
from botlab.rules.lab.early import Early, early_findings
from botlab.rules.lab.examples import Example, base_site, examples
from botlab.rules.lab.pages import pages
from botlab.rules.subject import Subject

ROOT = Path(__file__).resolve().parents[4]


def ids(text: str, juju: Juju = Juju.V2_9) -> set[tuple[str, str]]:
    """Return the ids and paths of what the rules find in a bundle."""
    bundle = parse_bundle(BundleSource(text), juju).bundle
    return {
        (finding.id, path_text(finding.path)) for finding in lab_findings(Subject(bundle, juju))
    }


CHARMS = load_profile("k8s-1.13").charms


def judged(text: str, example: Example, tmp_path: Path) -> list[Finding]:
    """Return what the rules find in an example: a layer over the base site, or a bundle."""
    juju = Juju.parse(example.juju)
    if not example.layer:
        return _of_bundle(text, juju)
    for name, body in (("site.yaml", base_site()), ("layer.yaml", text)):
        (tmp_path / name).write_text(body, encoding="utf-8")
    job = assess(Request(tmp_path / "site.yaml", layers=[tmp_path / "layer.yaml"]))
    assert not [f for f in job.findings if f.id < "BL010"], job.findings
    return list(job.findings)


def _of_bundle(text: str, juju: Juju) -> list[Finding]:
    bundle = parse_bundle(BundleSource(text), juju).bundle
    charms = {
        name: CHARMS[charm]
        for name, application in bundle.applications.items()
        if application and (charm := charm_name(application.charm)) in CHARMS
    }
    return lab_findings(Subject(bundle, juju, charms))


@pytest.mark.parametrize("rule", [rule.id for rule in rules()])
def test_rule_finds_its_fault_and_passes_the_near_miss(rule: str, tmp_path: Path) -> None:
    """The fault is found where it stands, with a mend; what almost is one is passed by."""
    example = examples()[rule]
    found = judged(example.fires, example, tmp_path)
    near = judged(example.quiet, example, tmp_path)

    assert (rule, example.path) in {(finding.id, path_text(finding.path)) for finding in found}
    assert all(finding.fix for finding in found)
    assert rule not in {finding.id for finding in near}


@pytest.mark.parametrize("early", early_findings(), ids=lambda early: early.id)
def test_what_comes_before_the_bundle_is_found_as_explained(early: Early, tmp_path: Path) -> None:
    """With the id, the severity and the place that its page names; the near miss passes."""
    example = examples()[early.id]
    site, layer = tmp_path / "site.yaml", tmp_path / "layer.yaml"
    site.write_text(base_site(), encoding="utf-8")
    found: list[set[tuple[str, str, Severity]]] = []
    for text in (example.fires, example.quiet):
        layer.write_text(text, encoding="utf-8")
        findings = assess(Request(site, layers=[layer])).findings
        found.append({(one.id, path_text(one.path), one.severity) for one in findings})

    assert (early.id, example.path, early.severity) in found[0]
    assert early.id not in {one[0] for one in found[1]}
    assert early.reason
    assert early.mend


def test_every_finding_of_ours_is_explained() -> None:
    """Each id that the source has is a rule or an early finding, and the other way round."""
    source = (path.read_text(encoding="utf-8") for path in (ROOT / "generator").rglob("*.py"))
    named = {found for text in source for found in re.findall(r'"(BL\d{3})"', text)}

    assert named == {one.id for one in (*rules(), *early_findings())} == set(examples())


def test_the_base_site_of_the_examples_is_silent(tmp_path: Path) -> None:
    """So whatever an example finds, its own lines brought in."""
    site = tmp_path / "site.yaml"
    site.write_text(base_site(), encoding="utf-8")

    assert assess(Request(site)).findings == ()


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
    """Nothing fires on a sound bundle."""
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
        for finding in assess(Request(site)).findings
        if path_text(finding.path) == "metallb.pools.default.addresses[0]"
    }

    assert rule in found if rule else found == set()


@pytest.mark.parametrize(
    ("exceptions", "proxied"),
    [
        (["10.0.0.0/24"], False),
        (["localhost", "10.0.0.0/8"], False),
        (["*"], False),
        (["10.0.0.0/25"], True),
        (["10.0.1.0/24", ".lab.example", "::/0"], True),
        ([], True),
    ],
)
def test_exceptions_that_hold_the_lan(
    tmp_path: Path, exceptions: list[str], proxied: bool
) -> None:
    """A network around it is as good as itself."""
    proxy = {"http": "http://proxy.lab.example:3128", "no-proxy": exceptions}
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump({"proxy": proxy}), encoding="utf-8")
    job = assess(Request(tmp_path / "site.yaml", layers=[tmp_path / "layer.yaml"]))

    assert ("BL069" in {finding.id for finding in job.findings}) is proxied


def test_pages_are_up_to_date() -> None:
    """The committed pages are what the register gives, and no others; there are 40 and more."""
    folder = ROOT / "docs/rules"
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}

    assert committed == pages()
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
    bundle = parse_bundle(BundleSource(yaml.safe_dump(document)), juju).bundle

    assert isinstance(lab_findings(Subject(bundle, juju)), list)
