"""The check of own profiles with sample sites."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.catalogue.profiles import load_profile, profile_names
from botlab.own_profiles.check import check_profiles
from botlab.own_profiles.files import MOST_FAULTS
from botlab.own_profiles.samples import sample_sites
from helpers.own_profiles import COMPLETE, FACTS, TEMPLATE, copy_profile, write_profile


@pytest.mark.parametrize("name", profile_names())
def test_copy_of_a_profile_of_this_project_passes(tmp_path: Path, name: str) -> None:
    """The language of own templates is large enough for each of them."""
    copy_profile(tmp_path, name)

    assert check_profiles(tmp_path) == []


def test_samples_use_each_release_network_and_section() -> None:
    samples = list(sample_sites(load_profile("charmed-k8s")))

    assert [(sample.title, sample.juju) for sample in samples] == [
        ("the smallest site", "3.6"),
        ("a site with storage and addresses", "3.6"),
        ("the smallest site", "4.0"),
        ("a site with storage and addresses", "4.0"),
        ("the network flannel", "4.0"),
        ("the network cilium", "4.0"),
        ("the network kube-ovn", "4.0"),
        ("a virtual address of the API", "4.0"),
        ("Kubernetes 1.33", "4.0"),
        ("Kubernetes 1.34", "4.0"),
        ("Kubernetes 1.35", "4.0"),
    ]
    assert {"metallb", "nfs", "proxy"} <= set(samples[1].content)
    machines = samples[1].content["machines"]
    assert {name: machine.get("gpu", False) for name, machine in machines.items()} == {
        "control-plane0": False,
        "easyrsa0": False,
        "etcd0": False,
        "load-balancer0": False,
        "worker0": True,
        "storage": False,
    }
    assert samples[-1].content["kubernetes"]["channel"] == "1.35/stable"
    assert samples[4].content["kubernetes"]["cni"] == "flannel"


def test_template_that_fails_is_a_fault_with_its_line(tmp_path: Path) -> None:
    template = TEMPLATE.replace("{{ m.machines() }}", "{{ m.machine() }}")
    home = write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    (finding,) = check_profiles(tmp_path)
    assert (finding.id, finding.file, finding.line) == ("PF020", f"{home}/bundle.yaml.j2", 6)
    assert "has no attribute 'machine'" in finding.message


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a: [", "does not make a bundle: "),
        ("applications:\n  k8s: {charm: k8s, num_units: x}\n", "(at line 2 of its text)"),
        ("a: &b [*b]\n", "an anchor contains itself"),
    ],
)
def test_text_that_is_not_a_bundle_is_a_fault_of_the_template(
    tmp_path: Path, template: str, message: str
) -> None:
    home = write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    (finding,) = check_profiles(tmp_path)
    assert (finding.id, finding.file) == ("PF020", f"{home}/bundle.yaml.j2")
    assert message in finding.message
    assert str(home) not in finding.message


def test_bundle_that_juju_refuses_is_reported_once(tmp_path: Path) -> None:
    """Several samples have the same relation to an application that the bundle does not have."""
    template = TEMPLATE + '- ["k8s:juju-info", "vault:juju-info"]\n'
    home = write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    (finding,) = (fault for fault in check_profiles(tmp_path) if "vault" in fault.message)
    assert (finding.id, finding.file) == ("PF022", f"{home}/bundle.yaml.j2")
    assert finding.message.startswith("the smallest site with Juju 3.6: J062 at")
    assert finding.fix == "define the application, or remove the relation"


def test_bundle_with_many_faults_is_tried_once(tmp_path: Path) -> None:
    """The samples for other Juju releases would have the same faults, and take as long."""
    relations = "".join(f'- ["k8s:juju-info", "vault{n}:x"]\n' for n in range(MOST_FAULTS))
    profile = COMPLETE.replace('["3.6"]', '["3.6", "4.0"]')
    write_profile(tmp_path, profile, template=TEMPLATE + relations, charms={"k8s": FACTS})

    findings = check_profiles(tmp_path)
    assert len(findings) == MOST_FAULTS
    assert all("the smallest site with Juju 3.6" in finding.message for finding in findings)


def test_bundle_much_larger_than_the_site_is_a_fault_of_the_template(tmp_path: Path) -> None:
    """Its check would take minutes for each sample."""
    letters = list("abcdefghijklmnop")
    loops = "".join(f"{{% for {x} in {letters} %}}" for x in "abcd")
    line = "  k{{ a ~ b ~ c ~ d }}: {charm: k8s}\n"
    template = f"applications:\n{loops}\n{line}{'{% endfor %}' * 4}\n"
    home = write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    (finding,) = check_profiles(tmp_path)
    assert (finding.id, finding.file) == ("PF020", f"{home}/bundle.yaml.j2")
    assert "characters of text, the most for this site" in finding.message


def test_relation_of_an_own_charm_needs_the_endpoint_of_the_profile(tmp_path: Path) -> None:
    """The charm in the catalogue has no endpoint for access to the cluster."""
    write_profile(tmp_path, COMPLETE, template=TEMPLATE, charms={"k8s": FACTS})

    messages = [finding.message for finding in check_profiles(tmp_path)]
    assert any('application "k8s" has no "kube-control" relation' in text for text in messages)


def test_sample_sites_are_not_tried_for_files_with_faults(tmp_path: Path) -> None:
    write_profile(tmp_path, COMPLETE, template="{% include 'x' %}", charms={"k8s": FACTS})

    assert [finding.id for finding in check_profiles(tmp_path)] == ["PF020"]
