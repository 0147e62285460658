"""The built-in objects are upstream's, field by field, up to 0.12.

manifests.json holds a digest of each object of upstream's manifests. The built-in objects differ
only in the labels that the applier adds, and in the namespace that upstream writes into
cluster-wide objects.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.recorders.metallb_manifests import fact
from metallb.manifests.built_in import built_in_objects
from metallb.manifests.settings import Settings
from metallb.releases import find, release_table

FACTS = json.loads((Path(__file__).parent / "manifests.json").read_text(encoding="utf-8"))
DEFAULTS = Settings("", (), (), "info")


@pytest.mark.parametrize("release", FACTS)
def test_built_in_objects_equal_upstreams(release: str) -> None:
    """The same objects with the same content."""
    objects = built_in_objects(find(release), DEFAULTS, enforces_pod_security=False)

    assert sorted(map(fact, objects)) == FACTS[release]


def test_settings_change_only_their_fields() -> None:
    """Registry, node selector, tolerations and log level apply to both workloads."""
    toleration = (("key", "gpu"), ("operator", "Exists"))
    settings = Settings("reg.lab:5000", (("rack", "a"),), (toleration,), "debug")
    objects = built_in_objects(find("v0.12.1"), settings, enforces_pod_security=True)
    for workload in objects[-2:]:
        pod = workload["spec"]["template"]["spec"]
        component = workload["metadata"]["name"]
        container = pod["containers"][0]
        assert container["image"] == f"reg.lab:5000/metallb/{component}:v0.12.1"
        assert "--log-level=debug" in container["args"]
        assert pod["nodeSelector"] == {"rack": "a", "kubernetes.io/os": "linux"}
        assert {"key": "gpu", "operator": "Exists"} in pod["tolerations"]


def test_namespace_is_labelled_where_the_server_enforces_pod_security() -> None:
    """A namespace with privileged pods needs the labels from 1.23 on."""
    namespace = built_in_objects(find("v0.12.1"), DEFAULTS, enforces_pod_security=True)[0]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"


def test_every_built_in_release_is_recorded() -> None:
    """The record has the releases of the table that are configured by a ConfigMap."""
    releases = release_table().releases
    assert list(FACTS) == [row.name for row in releases if not row.uses_custom_resources]
