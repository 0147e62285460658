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
    "machines: {node0: {gpu: 3}}": False,
    "machines: {node0: {arch: arm64}}": True,
    "machines: {node0: {arch: s390x}}": False,
    "machines: {node0: {roles: [worker, master]}}": False,
    "metallb: {pools: {a: {addresses: [10.0.0.1-10.0.0.9]}}}": True,
    "metallb: {pools: {}}": False,
    "kubernetes: {authorization-mode: RBAC}": True,
    "kubernetes: {authorization_mode: RBAC}": False,
    "kubernetes: {dashboard: maybe}": False,
    "kubeflow: {user: admin@lab.example}": True,
    "kubeflow: {user: 1.5}": False,
    "nvidia: {default-runtime: false, pins: {nvidia-container-runtime: 2.0.0}}": True,
    "nvidia: {pins: [x]}": False,
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
