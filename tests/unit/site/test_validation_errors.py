"""The messages and fixes of the findings about values that the model refuses."""

from __future__ import annotations

import json

import pytest

from botlab.findings import Finding, path_text
from botlab.site.load import Layer, load_site
from botlab.site.model import Site
from botlab.site.schema import site_schema

SITE = """
site: lab
juju: 2.6
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [etcd]}
"""


def finding_in(layer: str) -> Finding:
    """Return the only finding of a layer over the site."""
    (finding,) = load_site([Layer(SITE), Layer(layer)]).findings
    return finding


MESSAGES = {
    "kubeflow: {user: admin}": "kubeflow.user is 'admin', which is not an e-mail address; write"
    " one such as admin@lab.example",
    "kubeflow: {spawner-tolerations: [gpu]}": "kubeflow.spawner-tolerations[0] is 'gpu', which is"
    " not a taint; write KEY=VALUE:EFFECT or KEY:EFFECT, where EFFECT is NoSchedule,"
    " PreferNoSchedule or NoExecute",
    "machines: {node0: {tags: [a b]}}": "machines.node0.tags[0] is 'a b', which is not a tag; use"
    " letters, digits, _ and -, with ^ in front of a tag that the machine must not have",
    "applications: {Etcd: {}}": "applications has the key 'Etcd', which is not an application"
    " name; use lower-case letters, digits and hyphens, with a letter in each word",
    "metallb: {pools: {a.b: {addresses: [10.0.0.1]}}}": "metallb.pools has the key 'a.b', which is"
    " not a pool name; use at most 63 lower-case letters, digits and hyphens",
    "metallb: {pools: {}}": "metallb.pools is a mapping, but it should not be empty",
    "kubeflow: yes": "kubeflow is 'yes', but it should be a mapping of keys",
    "machines: {node0: {tags: x}}": "machines.node0.tags is 'x', but it should be a list",
    "nvidia: {pins: [x]}": "nvidia.pins is a list, but it should be a mapping",
    "nvidia: {driver: [x]}": "nvidia.driver is a list, but it should be a string",
    "applications: {etcd: {charm: {store: a, local: b}}}": "applications.etcd.charm names store"
    " and local; name exactly one of store, local and charmhub",
    "metallb: {pools: {a: {addresses: [10.0.0.9-10.0.0.1]}}}": "metallb.pools.a.addresses[0] is"
    " '10.0.0.9-10.0.0.1', which ends before it starts; write the lower address first",
    "applications: {etcd: {charm: {charmhub: etcd, revision: x}}}": "applications.etcd.charm"
    ".revision is 'x', but it should be an integer",
    "kubernetes: {dashboard: maybe}": "kubernetes.dashboard is 'maybe', but it should be true or"
    " false",
    "machines: {node0: {arch: amd64, constraints: mem=4G arch=arm64}}": "machines.node0"
    ".constraints is 'mem=4G arch=arm64', which asks for arch=arm64, but the key arch of this"
    " machine is amd64; keep one of the two",
    "machines: {node0: {arch: s390x}}": "machines.node0.arch is 's390x', but it should be 'amd64'"
    " or 'arm64'",
    "nfs: {path: /srv}": "the key nfs.server is missing",
    "networks: {pods: 10.1.0.0}": "networks.pods is '10.1.0.0', which is not a network (the number"
    " of BITS is missing); write one such as 192.168.1.0/24",
    "networks: {lan: {cidr: 10.0.0.0/24, space: Rack A}}": "networks.lan.space is 'Rack A', which"
    " is not the name of a space in Juju; use lower-case letters, digits and single hyphens; `juju"
    " spaces` lists the names",
    "networks: {Rack A: {cidr: 10.0.0.0/24}}": "networks has the key 'Rack A', which is not the"
    " name of a network; use lower-case letters, digits and hyphens",
    "groups: {plain: plain}": "groups has the key 'plain', which is not the name of a group; write"
    " the names of its machines with a range of numbers, such as gpu[0-7]",
    'groups: {"a[2-1]": {}}': "groups has the key 'a[2-1]', which has the range 2-1, which ends"
    " before it starts; write the lower number first",
    "kubeflow: {user: user}": "kubeflow.user is 'user', which is not an e-mail address; write one"
    " such as admin@lab.example",
    "nvidia: {driver: 535}": "nvidia.driver is '535', which is not a driver; write auto, host,"
    " none or the name of a package, such as nvidia-headless-580-server",
    "workers: {t4: {driver: Auto}}": "workers.t4.driver is 'Auto', which is not a driver; write"
    " auto, host, none or the name of a package, such as nvidia-headless-580-server",
}


@pytest.mark.parametrize("layer", MESSAGES)
def test_message_describes_the_format_in_words(layer: str) -> None:
    """A message shows neither regular expressions nor Python's types."""
    assert finding_in(layer).message == MESSAGES[layer]


def test_formats_are_checked_by_their_own_messages_and_are_in_the_schema() -> None:
    """Pydantic would show the patterns in its messages. The schema for editors has them."""
    core_schema = repr(Site.__pydantic_core_schema__)

    assert "'pattern'" not in core_schema
    assert json.dumps(site_schema()).count('"pattern": "^') >= 14


FIXES = {
    "kubeflow: yes": "write, for example, {user: admin@kubeflow.org}. Kubeflow. Without this"
    " section, it is not installed.",
    "gpu: nvidia": "write, for example, {stack: charm}. Who installs the GPU stack.",
    "proxy: none": "write, for example, {http: 'http://proxy.lab.example:3128'}. Proxy for access"
    " to the Internet. Leave the section out if there is none.",
    "networks: {lan: x}": "write, for example, {cidr: 192.168.1.0/24}. Network of the machines.",
    "metallb: [x]": "write, for example, {pools: {default: {addresses:"
    " [192.168.1.240-192.168.1.250]}}}. Addresses of LoadBalancer services. Without this section,"
    " such services get no address.",
    "metallb: {pools: [x]}": "write, for example, {default: {addresses:"
    " [192.168.1.240-192.168.1.250]}}. Address pools, by name.",
    "metallb: {pools: {a: x}}": "write, for example, {addresses: [192.168.1.240-192.168.1.250]}."
    " Address pools, by name.",
    "metallb: {pools: {a: {addresses: [x]}}}": "write, for example, 192.168.1.240-192.168.1.250."
    " Address ranges, as FIRST-LAST or NETWORK/BITS.",
    "gpu: {stack: both}": "write, for example, charm. Who installs the GPU stack. With the value"
    " charm, nvidia-runtime installs it, and the worker charm does not. With the value worker, the"
    " worker charm installs it, in package versions that fit together.",
}


@pytest.mark.parametrize("layer", FIXES)
def test_fix_shows_an_example(layer: str) -> None:
    """The example of a section has its required keys, or one key where none is required."""
    assert finding_in(layer).fix == FIXES[layer]


@pytest.mark.parametrize(
    ("layer", "fix"),
    [
        ("juju: 3", "did you mean 3.6?"),
        ("juju: 2", "did you mean 2.6 or 2.9?"),
        ("machines: {node0: {gpu: 2}}", "write true; a number is not needed here"),
        ("machines: {node0: {arch: amd}}", "did you mean amd64?"),
        ("machines: {node0: {roles: [etdc]}}", "did you mean etcd?"),
        ("machines: {node0: {roles: [node]}}", "did you mean worker?"),
        ("machines: {node0: {roles: [compute]}}", "did you mean worker?"),
        ("machines: {node0: {roles: [master]}}", "did you mean control-plane?"),
        ("machines: {node0: {roles: [kubernetes-master]}}", "did you mean control-plane?"),
        ("machines: {node0: {roles: [lb]}}", "did you mean load-balancer?"),
        ("networks: {service: 10.152.0.0/16}", "did you mean services?"),
    ],
)
def test_fix_names_the_value_that_was_meant(layer: str, fix: str) -> None:
    """Also for the words that other tools use for a role."""
    assert finding_in(layer).fix == fix


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("nfs", "nfs: {server: MACHINE}"),
        ("storage", "nfs: {server: MACHINE}"),
        ("metallb", "metallb: {pools: {default: {addresses: [FIRST-LAST]}}}"),
        ("kubeflow", "kubeflow: {}"),
        ("gpu", "gpu: true at the machine, beside roles: [worker]"),
        ("registry", "kubernetes: {registry: HOST:PORT}, which names a registry that the lab has"),
        ("keepalived", "kubernetes: {keepalived: {address: ADDRESS}}"),
    ],
)
@pytest.mark.parametrize("owner", ["machines: {node0: %s}", 'groups: {"g[0-1]": %s}'])
def test_part_of_a_lab_that_is_no_role_is_named_with_its_key(
    owner: str, word: str, key: str
) -> None:
    layer = owner % f"{{roles: [{word}]}}"

    assert finding_in(layer).fix == f"remove the role, and write {key}"


def test_fix_of_a_value_that_is_also_its_key_shows_a_value() -> None:
    assert finding_in("kubeflow: {user: user}").fix.startswith("write, for example, admin@")


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("workers: {A100: {}}", "a100"),
        ("workers: {a100: {labels: {a b: c}}}", "pool"),
        ("groups: {gpu: {}}", "gpu[0-7]"),
        ("groups: {tags: {}}", "gpu[0-7]"),
        ("networks: {Storage: {cidr: 10.0.0.0/24}}", "lan"),
        ("model-config: {a b: c}", "apt-mirror"),
    ],
)
def test_fix_of_a_wrong_name_shows_a_name(layer: str, name: str) -> None:
    """Not a value, and not that of a key with the same name as the entry."""
    assert finding_in(layer).fix.startswith(f"write, for example, {name}. ")


def test_drivers_are_words_and_packages() -> None:
    for driver in ("auto", "host", "none", "nvidia-headless-535-server", "cuda-drivers=535.1-1"):
        assert load_site([Layer(SITE), Layer(f"nvidia: {{driver: {driver}}}")]).findings == ()


def test_proxy_is_a_url() -> None:
    """Without a scheme, a client would take the host for the scheme."""
    finding = finding_in("proxy: {https: 'squid:3128'}")

    assert finding.message == (
        "proxy.https is 'squid:3128', which is not the URL of a proxy; write http://HOST:PORT,"
        " also where the proxy is for HTTPS"
    )
    for url in ("http://squid:3128", "https://user@squid.lab:3128/", ""):
        assert load_site([Layer(SITE), Layer(f"proxy: {{http: '{url}'}}")]).findings == ()


def test_unknown_key_names_the_nearest_key() -> None:
    """A misspelt key is reported with the key that was meant."""
    finding = finding_in("metalb: {}")

    assert (finding.id, path_text(finding.path), finding.fix) == (
        "BL001",
        "metalb",
        "did you mean metallb?",
    )


def test_values_of_options_are_never_shown() -> None:
    """Option values may be secrets."""
    finding = finding_in("applications: {etcd: {options: {token: [hunter2]}}}")

    assert "hunter2" not in finding.message + finding.fix
    assert finding.message == (
        "applications.etcd.options.token is not a single value; write a string, a number, true or"
        " false"
    )


@pytest.mark.parametrize(
    ("layer", "path", "fix"),
    [
        ("kubernetes: {authorization_mode: RBAC}", "kubernetes.authorization_mode",
         "did you mean authorization-mode?"),
        ("nvidia: {default_runtime: true}", "nvidia.default_runtime",
         "did you mean default-runtime?"),
        ("metallb: {pools: {a: {addresses: [10.0.0.1], auto_assign: no}}}",
         "metallb.pools.a.auto_assign", "did you mean auto-assign?"),
    ],
)  # fmt: skip
def test_key_with_an_underscore_is_not_a_key(layer: str, path: str, fix: str) -> None:
    """The schema, the reference and the starter have hyphens only."""
    finding = finding_in(layer)

    assert (finding.id, path_text(finding.path), finding.fix) == ("BL001", path, fix)
    assert finding.message == f"{path} is not a key of the site file"


def test_white_space_around_a_text_does_not_count() -> None:
    loaded = load_site([Layer(SITE), Layer('machines: {node0: {zone: " z1 "}}')])

    assert loaded.site is not None
    assert loaded.site.machines["node0"].zone == "z1"
