"""The starter site file."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from botlab.site.load import Layer, load_site
from botlab.site.schema import site_schema
from botlab.site.starter import StarterValues, starter_text

FIRST_SECTIONS = """\
kubernetes:
  profile: k8s-1.13
  # Snap channel of the Kubernetes components. If it is empty, the profile's channel is used.
  # channel: 1.13/stable
  # Authorization modes of the API server. The default of the 2019 charm is AlwaysAllow, which
  # makes RBAC objects ineffective.
  # authorization-mode: RBAC,Node
  # Whether privileged containers may run. Istio (part of Kubeflow) and the GPU device plugin
  # need them.
  # allow-privileged: true
  # DNS domain of the cluster.
  # dns-domain: cluster.local
  # Whether the Kubernetes dashboard is deployed.
  # dashboard: true
  # Whether the workers run the nginx ingress controller, which uses ports 80 and 443 of each
  # worker machine.
  # ingress: true
  # Additional names or addresses in the certificate of the API server.
  # extra-sans: [k8s.lab.example]
  # Registry for the cluster's own images, as HOST:PORT/PATH. If it is empty, the charms use
  # their default registries.
  # registry: registry.lab.example:5000

# Machines, by name. The bundle numbers its machines from 0, in this order.
  # tags: MAAS tags that the machine must have. Give each machine a tag that no other machine
  # has: only such a tag selects exactly this machine.
  # arch: Architecture of the machine: amd64 (the default) or arm64. It decides which archives
  # of local charms are deployed, and the `arch` constraint of the applications.
  # constraints: Further Juju constraints. The keys `tags`, `zone` and `arch` already set the
  # constraints for tags, zones and the architecture.
  # zone: MAAS zone.
  # roles: Parts of the cluster that run on the machine.
  # gpu: Whether the machine has NVIDIA GPUs for the cluster.
  # addresses: Addresses of the machine, if you know them. The checks of address pools and NFS
  # exports use them.
machines:
  node0:
    tags: [node0]
    roles: [easyrsa, etcd, load-balancer, control-plane]
    addresses: [192.168.1.10]
  node1:
    tags: [node1]
    roles: [etcd, worker]
    addresses: [192.168.1.11]
  node2:
    tags: [node2]
    roles: [etcd, worker]
    gpu: true
    addresses: [192.168.1.12]
  node3:
    tags: [node3]
    roles: [control-plane, worker]
    addresses: [192.168.1.13]

networks:
  lan:
    # Address range of the network, as NETWORK/BITS.
    cidr: 192.168.1.0/24
    # Gateway of the network.
    gateway: 192.168.1.1
    # Address ranges that a DHCP server (MAAS) assigns. Address pools must not overlap them.
    dhcp: [192.168.1.100-192.168.1.199]

metallb:
  # MetalLB release. If it is empty, the charm chooses a release that fits the API server.
  # version: v0.8.1
  # Address pools, by name.
  pools:
    default:
      # Address ranges, as FIRST-LAST or NETWORK/BITS.
      addresses: [192.168.1.240-192.168.1.250]
      # How MetalLB announces the addresses.
      # protocol: layer2
      # Whether services that do not name a pool get addresses of this pool.
      # auto-assign: true
      # Whether addresses that end in .0 or .255 are never assigned.
      # avoid-buggy-ips: false

"""


@pytest.mark.parametrize("juju", ["2.6", "2.9", "3.6", "4.0"])
def test_starter_is_valid_and_matches_the_schema(juju: str) -> None:
    """The starter loads without findings, and the schema accepts it."""
    text = starter_text("lab", juju)

    assert load_site([Layer(text)]).findings == ()
    jsonschema.validate(yaml.safe_load(text), site_schema())


def test_starter_explains_each_key_with_its_default_or_an_example() -> None:
    """The defaults and examples come from the models of the sections."""
    text = starter_text("lab", "2.9")

    assert text.startswith(
        "# A site file of botlab. Comments explain the keys and show defaults.\n"
        "# Name of the site and of its Juju model.\n"
        "site: lab\n"
        "# Release line of the Juju client and controller. The checks follow the rules of this"
        " release\n"
        "# line and quote its messages.\n"
        "juju: '2.9'\n"
        f"\n{FIRST_SECTIONS}nfs:\n"
        "  server: node0\n"
        "  # Absolute path of the exported directory.\n"
        "  # path: /nfsroot\n"
    )
    assert text.endswith(
        "#   # Whether `nvidia` is the default container runtime.\n"
        "#   # default-runtime: true\n"
        "#   # Versions of packages to install, by package name.\n"
        "#   # pins: {nvidia-container-runtime: 2.0.0+docker18.09.1-1}\n"
    )


@pytest.mark.parametrize(
    ("juju", "profile"),
    [("2.6", "k8s-1.13"), ("2.9", "k8s-1.13"), ("3.6", "charmed-k8s"), ("4.0", "charmed-k8s")],
)
def test_profile_of_the_starter_fits_the_juju_release(juju: str, profile: str) -> None:
    assert f"\nkubernetes:\n  profile: {profile}\n" in starter_text("lab", juju)


def test_unknown_values_of_the_network_are_comments() -> None:
    """MAAS may know neither a gateway nor a range of addresses."""
    values = StarterValues(gateway="", dhcp="", todo="check the addresses")

    text = starter_text("lab", "3.6", values)

    assert (
        "# TODO: check the addresses\n"
        "networks:\n"
        "  lan:\n"
        "    # Address range of the network, as NETWORK/BITS.\n"
        "    cidr: 192.168.1.0/24\n"
        "    # Gateway of the network.\n"
        "    # gateway:\n"
        "    # Address ranges that a DHCP server (MAAS) assigns. Address pools must not overlap"
        " them.\n"
        "    # dhcp:\n"
    ) in text
