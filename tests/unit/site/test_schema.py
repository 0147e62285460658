"""The JSON Schema of the site file, which editors use, agrees with the loader."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from botlab.site.load import Layer, load_site
from botlab.site.schema import site_schema

SITE = """
site: lab
juju: '2.6'
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [etcd]}
"""
VALUES = {
    "applications: {etcd: {options: {a: text, b: 1, c: 1.5, d: true}}}": True,
    "applications: {etcd: {options: {a: [text]}}}": False,
    "applications: {etcd: {options: {a: {b: text}}}}": False,
    "applications: {etcd: {resources: {etcd: 7, snap: ./etcd.snap}}}": True,
    "applications: {etcd: {resources: {etcd: true}}}": False,
    "applications: {etcd: {resources: {etcd: 1.5}}}": False,
    "applications: {etcd: {resources: {etcd: [7]}}}": False,
    "applications: {etcd: {to: [node0, 'lxd:node0'], expose: true}}": True,
    "applications: {etcd: {to: node0}}": False,
    "applications: {Etcd: {}}": False,
    "machines: {Node_0: {}}": False,
    "machines: {node0: {gpu: 3}}": False,
    "machines: {node0: {arch: arm64}}": True,
    "machines: {node0: {arch: s390x}}": False,
    "machines: {node0: {roles: [worker, master]}}": False,
    "metallb: {pools: {a: {addresses: [10.0.0.1-10.0.0.9]}}}": True,
    "metallb: {pools: {}}": False,
    "metallb: {pools: {A: {addresses: [10.0.0.1-10.0.0.9]}}}": False,
    "nfs: {external: 'nas.lab.example:/tank', mount-options: 'hard,nconnect=4'}": True,
    "nfs: {external: 'nas.lab.example'}": False,
    "nfs: {server: node0, external: 'nas.lab.example:/tank'}": False,
    "nfs: {path: /srv/nfs}": False,
    "nfs-servers: {fast: {external: '[fd00::9]:/tank'}}": True,
    "nfs: {server: node0, shares: {data: {path: /srv/data}}}": True,
    "nfs: {server: node0, shares: {Data: {path: /srv/data}}}": False,
    "kubernetes: {authorization-mode: RBAC}": True,
    "kubernetes: {authorization_mode: RBAC}": False,
    "kubernetes: {dashboard: maybe}": False,
    "kubeflow: {user: admin@lab.example}": True,
    "kubeflow: {user: 1.5}": False,
    "nvidia: {default-runtime: false, pins: {nvidia-container-runtime: 2.0.0}}": True,
    "nvidia: {pins: [x]}": False,
    "groups: {'gpu[0-1]': {tags: ['gpu[0-1]'], roles: [worker]}}": True,
    "groups: {gpu: {}}": False,
    "groups: {'gpu[0-1]': {tags: [a b]}}": False,
    "machines: {node0: {workers: a100}}": True,
    "workers: {a100: {labels: {pool: a}, taints: ['a=b:NoSchedule'], options: {a: 1}}}": True,
    "workers: {a100: {taints: [a]}}": False,
    "workers: {A100: {}}": False,
    "model-config: {apt-mirror: http://mirror.lab.example, development: true}": True,
    "model-config: {Apt_Mirror: x}": False,
    "nfs-servers: {fast: {server: node0, storage-class: fast}}": True,
    "nfs-servers: {fast: {path: /srv/fast}}": False,
    "networks: {storage: {cidr: 10.9.0.0/24, space: san}, pods-ipv6: 'fd00::/64'}": True,
    "networks: {storage: 10.9.0.0/24}": False,
    "networks: {Storage: {cidr: 10.9.0.0/24}}": False,
    "kubernetes: {cni: cilium, api-addresses: [10.0.0.5], kubeconfig: ./kubeconfig}": True,
    "kubernetes: {keepalived: {address: 10.0.0.5, hostname: k8s.lab.example}}": True,
    "kubernetes: {keepalived: {hostname: k8s.lab.example}}": False,
    "overlays: [./a.yaml]": True,
    "overlays: ./a.yaml": False,
    "nothing: 1": False,
}


@pytest.mark.parametrize(("layer", "is_valid"), VALUES.items(), ids=list(VALUES))
def test_schema_and_loader_agree(layer: str, is_valid: bool) -> None:
    document = yaml.safe_load(SITE)
    for section, value in yaml.safe_load(layer).items():
        known = document.get(section)
        document[section] = {**known, **value} if isinstance(known, dict) else value
    validator = jsonschema.Draft202012Validator(site_schema())

    assert (not load_site([Layer(SITE), Layer(layer)]).findings) is is_valid
    assert validator.is_valid(document) is is_valid
