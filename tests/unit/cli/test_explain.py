"""``botlab explain``: rules, keys and profiles."""

from __future__ import annotations

import pytest

from botlab.cli import main
from botlab.rules.pages import rule_pages

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("arguments", [[], ["rules"]])
def test_rules_are_listed_with_their_severity(arguments: list[str], capsys: Captured) -> None:
    """In columns, in the order of their ids."""
    assert main(["explain", *arguments]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "BL001  error    Unknown key"
    assert "BL021  warning  Control plane with one unit" in lines
    assert [line.split()[0] for line in lines] == [page.id for page in rule_pages()]


def test_profiles_are_listed_with_their_releases_of_juju(capsys: Captured) -> None:
    assert main(["explain", "profiles"]) == 0
    assert capsys.readouterr().out == (
        "canonical-k8s  Canonical Kubernetes 1.35 (noble, one snap on each machine);"
        " Juju 3.6, 4.0\n"
        "charmed-k8s    Kubernetes 1.35 with today's charms (noble, containerd, calico);"
        " Juju 3.6, 4.0\n"
        "existing       a Kubernetes cluster without Juju, reached with a kubeconfig (noble);"
        " Juju 3.6, 4.0\n"
        "k8s-1.13       Kubernetes 1.13 with the charms of 2019 (bionic, docker inside the"
        " worker); Juju 2.6, 2.9\n"
    )


@pytest.mark.parametrize("topic", ["BL021", "bl021"])
def test_rule_is_explained_by_its_page(topic: str, capsys: Captured) -> None:
    """In any case of letters."""
    assert main(["explain", topic]) == 0

    text = capsys.readouterr().out
    assert text.startswith("# BL021: Control plane with one unit\n\nSeverity: warning.\n")
    assert text.endswith("`botlab render` writes the bundle anyway.\n")


@pytest.mark.parametrize("topic", ["J100", "j100"])
def test_rule_of_juju_is_explained_by_its_fix(topic: str, capsys: Captured) -> None:
    assert main(["explain", topic]) == 0
    assert capsys.readouterr().out == (
        "J100: a rule of Juju itself, with Juju's own message\n"
        "name the application in lower-case letters, digits and hyphens, with a letter in each"
        " part: app2, not app-2\n"
    )


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("nfs.storage-class", "Name of the StorageClass.\nfor example: nfs\n"),
        (
            "metallb.pools",
            "Address pools, by name.\n"
            "for example: {default: {addresses: [192.168.1.240-192.168.1.250]}}\n"
            "keys of each entry: addresses, auto-assign, avoid-buggy-ips, protocol\n",
        ),
        (
            "networks.storage.cidr",
            "Address range of the network, as NETWORK/BITS.\nfor example: 192.168.1.0/24\n",
        ),
        ("metallb.peers[].my-asn", "AS number of the cluster.\nfor example: 64500\n"),
        ("metallb.peers.0.my-asn", "AS number of the cluster.\nfor example: 64500\n"),
        ("workers.gpu.labels", "Labels of the nodes.\nfor example: {pool: training}\n"),
        ("workers.*.labels.pool", "Labels of the nodes.\nfor example: training\n"),
        (
            "applications.etcd.bindings",
            'Network space of each endpoint. The key "" sets the default for all endpoints.\n'
            "for example: {'': lan}\n",
        ),
        (
            "networks",
            "Networks of the cluster and of the machines. Keys that are not described here are"
            " names of\nfurther networks of the machines, with the keys of networks.lan.\n"
            "for example: {services: 10.152.183.0/24}\n"
            "keys: lan, pods, pods-ipv6, services, services-ipv6\n",
        ),
        (
            "kubernetes.keepalived",
            "A virtual address in front of the machines with the role load-balancer. The charm"
            " keepalived\nmoves it to another of them when one fails. The profile charmed-k8s has"
            " it.\nfor example: {address: 192.168.1.5}\n"
            "keys: address, hostname, interface, router-id\n",
        ),
    ],
)
def test_key_is_explained_with_an_example(topic: str, text: str, capsys: Captured) -> None:
    assert main(["explain", topic]) == 0
    assert capsys.readouterr().out == f"{topic}\n{text}"


def test_long_description_of_a_key_is_wrapped(capsys: Captured) -> None:
    """Between words."""
    assert main(["explain", "charms.source"]) == 0

    topic, *lines = capsys.readouterr().out.splitlines()
    assert topic == "charms.source"
    assert max(map(len, lines)) <= 96
    assert " ".join(lines).startswith("Source of the charms: store (cs: URLs as in 2019, for")


@pytest.mark.parametrize(
    ("topic", "advice"),
    [
        ("nfss", "did you mean nfs?"),
        ("BL999", "`botlab explain` lists the rules"),
        ("J999", "`botlab explain` lists the rules"),
        ("foo.bar", "`botlab explain` lists the rules"),
        ("kubernetes.cnis", "did you mean cni?"),
        ("networks.storage.cidrs", "did you mean cidr?"),
        (
            "workers.a100.x",
            "use one of arch, constraints, driver, gpu-model, labels, options, taints",
        ),
        ("site.x", "site has no keys"),
        ("metallbs.pools", "did you mean metallb?"),
    ],
)
def test_unknown_topic_is_an_error_with_advice(topic: str, advice: str, capsys: Captured) -> None:
    assert main(["explain", topic]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"botlab: {topic!r} is neither a rule nor a key of the site file; {advice}\n"
    )
