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
  # Profile of the cluster: charmed-k8s (today's Kubernetes charms), canonical-k8s (Canonical
  # Kubernetes), k8s-1.13 (the charms of 2019) or existing (a cluster without Juju). `botlab
  # explain profiles` lists all profiles.
  profile: charmed-k8s
  # Channel of Kubernetes: of its snaps, and of its charms in Charmhub. If it is empty, the
  # profile's channel is used. The charms of the profile k8s-1.13 do not follow it.
  # channel: 1.35/stable
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
  # Whether the cluster has an ingress controller. k8s-1.13 and charmed-k8s have one unless you
  # write false: nginx, which uses ports 80 and 443 of each worker machine. canonical-k8s has
  # one if you write true: that of Cilium, which takes an address of the pool.
  # ingress: false
  # Network of the pods. The profile charmed-k8s has calico (its default), flannel, cilium and
  # kube-ovn, and k8s-1.13 has flannel.
  # cni: cilium
  # Addresses in front of the API servers, of a load balancer that Juju does not manage. The
  # certificate of the API server has them, too, and no machine needs the role load-balancer.
  # api-addresses: [10.20.0.5]
  # A virtual address in front of the machines with the role load-balancer. The charm keepalived
  # moves it to another of them when one fails. The profile charmed-k8s has it.
  # keepalived: {address: 192.168.1.5}
  # Additional names or addresses in the certificate of the API server.
  # extra-sans: [k8s.lab.example]
  # Registry for the cluster's own images, as HOST:PORT/PATH. If it is empty, the charms use
  # their default registries.
  # registry: registry.lab.example:5000

# Machines, by name. The bundle numbers its machines from 0, in this order. Required, unless all
# machines are in `groups`.
  # tags: MAAS tags that the machine must have. Give each machine a tag that no other machine
  # has: only such a tag selects exactly this machine.
  # arch: Architecture of the machine: amd64 (the default) or arm64. It decides which archives
  # of local charms are deployed, and the `arch` constraint of the applications.
  # constraints: Further Juju constraints. The keys `tags`, `zone` and `arch` already set the
  # constraints for tags, zones and the architecture.
  # zone: MAAS zone.
  # roles: Parts of the cluster that run on the machine.
  # gpu: Whether the machine has NVIDIA GPUs for the cluster.
  # workers: The entry of `workers` whose application runs on a machine with the role worker. If
  # it is empty, the worker application of the profile does.
  # addresses: Addresses of the machine, if you know them. The checks of address pools and NFS
  # exports use them.
machines:
  node0:
    tags: [node0]
    roles: [easyrsa, etcd, load-balancer, control-plane]
    addresses: [192.168.1.10]
  node1:
    tags: [node1]
    roles: [etcd, control-plane]
    addresses: [192.168.1.11]
  node2:
    tags: [node2]
    roles: [etcd, worker]
    gpu: true
    addresses: [192.168.1.12]
  node3:
    tags: [node3]
    roles: [worker]
    addresses: [192.168.1.13]

# Groups of machines that differ only by a number, by the names of their machines with a range.
# The bundle numbers these machines after those of `machines`. An entry of `machines` with the
# name of such a machine only overrides keys of the group.
# groups:
#   gpu[0-7]:
#     tags: ["gpu[0-7]"]
#     roles: [worker]
#     gpu: true
#     addresses: ["192.168.1.[20-27]"]

# Worker applications with settings of their own, by name. Their machines name them with the key
# `workers`. The application of a100 is, for example, kubernetes-worker-a100.
# workers:
#   a100:
#     gpu-model: A100
#   t4:
#     gpu-model: T4
#     driver: nvidia-headless-535-server

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
  # version: v0.16.1
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
    text = starter_text("lab", "3.6")

    assert text.startswith(
        "# A site file of botlab. Comments explain the keys and show defaults.\n"
        "# Name of the site and of its Juju model.\n"
        "site: lab\n"
        "# Release line of the Juju client and controller. The checks follow the rules of this"
        " release\n"
        "# line and quote its messages.\n"
        "juju: '3.6'\n"
        f"\n{FIRST_SECTIONS}nfs:\n"
        "  server: node0\n"
        "  # Export of an NFS server that Juju does not manage, such as a NAS, as HOST:/PATH, in"
        " place of\n"
        "  # server. The charm then only makes the StorageClass on it. The server must let root of"
        " the\n"
        "  # cluster's nodes write (no_root_squash).\n"
        "  # external: nas.lab.example:/tank/k8s\n"
        "  # Options that the nodes mount volumes with, separated by commas.\n"
        "  # mount-options: nfsvers=4.1,hard,nconnect=4\n"
        "  # Absolute path of the exported directory.\n"
        "  # path: /nfsroot\n"
    )
    assert text.endswith(
        "#   # Whether `nvidia` is the default container runtime.\n"
        "#   # default-runtime: true\n"
        "#   # Versions of packages to install, by package name.\n"
        "#   # pins: {nvidia-container-toolkit: 1.20.0-1}\n"
    )


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


def test_commented_groups_and_workers_are_valid() -> None:
    """Without the #, they give the site machines and worker applications."""
    text = starter_text("lab", "3.6")
    for section in ("groups", "workers"):
        start = text.index(f"\n# {section}:")
        end = text.index("\n\n", start)
        lines = text[start:end].replace("\n# ", "\n")
        text = f"{text[:start]}{lines}{text[end:]}"
    loaded = load_site([Layer(text)])

    assert loaded.site is not None
    assert loaded.findings == ()
    assert list(loaded.site.machines)[-2:] == ["gpu6", "gpu7"]
    assert list(loaded.site.workers) == ["a100", "t4"]
