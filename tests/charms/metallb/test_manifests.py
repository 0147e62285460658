"""Our objects are upstream's, field by field, up to 0.12.

manifests.json holds a digest per object of upstream's manifests. Ours differ in nothing else than
the labels that the applier adds, and the namespace that upstream writes into cluster-wide objects.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.recorders.metallb_manifests import fact
from metallb.upstream.objects import Settings, image, needs_memberlist, objects
from metallb.upstream.releases import RELEASES, ReleaseError, by_resources, choose, find, fitting

FACTS = json.loads((Path(__file__).parent / "manifests.json").read_text(encoding="utf-8"))
PLAIN = Settings("", (), (), "info")


@pytest.mark.parametrize("release", FACTS)
def test_equal_to_upstreams(release: str) -> None:
    """The same objects with the same content."""
    ours = sorted(fact(found) for found in objects(find(release), PLAIN, pod_security=False))

    assert ours == FACTS[release]


def test_own_wishes_change_just_their_fields() -> None:
    """Registry, node selector, tolerations and log level reach both workloads."""
    toleration = (("key", "gpu"), ("operator", "Exists"))
    wishes = Settings("reg.lab:5000", (("rack", "a"),), (toleration,), "debug")
    for found in objects(find("v0.12.1"), wishes, pod_security=True)[-2:]:
        pod = found["spec"]["template"]["spec"]
        component = found["metadata"]["name"]
        container = pod["containers"][0]
        assert container["image"] == f"reg.lab:5000/metallb/{component}:v0.12.1"
        assert "--log-level=debug" in container["args"]
        assert pod["nodeSelector"] == {"rack": "a", "kubernetes.io/os": "linux"}
        assert {"key": "gpu", "operator": "Exists"} in pod["tolerations"]


def test_labels_where_the_server_enforces_them() -> None:
    """A namespace of privileged pods says so from 1.23 on."""
    namespace = objects(find("v0.12.1"), PLAIN, pod_security=True)[0]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"


@pytest.mark.parametrize(
    ("server", "release"),
    [
        ((1, 13), "v0.8.1"),
        ((1, 14), "v0.12.1"),
        ((1, 20), "v0.12.1"),
        ((1, 21), "v0.13.12"),
        ((1, 22), "v0.13.12"),
        ((1, 23), "v0.16.1"),
        ((1, 37), "v0.16.1"),
    ],
)
def test_the_release_follows_the_server(server: tuple[int, int], release: str) -> None:
    """Unless another is asked for."""
    assert choose(server, "").name == release


@pytest.mark.parametrize(
    ("server", "wish", "words"),
    [
        ((1, 13), "v0.12.1", "does not fit Kubernetes 1.13; those that do are v0.8.1, v0.8.3"),
        ((1, 25), "0.8.1", "those that do are v0.13.12, v0.14.9, v0.15.3, v0.16.1"),
        ((1, 20), "v0.15.3", "v0.12.1, v0.13.12"),
        ((1, 20), "v0.9.4", "is not known here; use one of v0.8.1"),
        ((1, 20), "latest", "write one such as v0.12.1"),
        ((1, 12), "", "older than 1.13"),
    ],
)
def test_an_unfit_wish_is_refused(server: tuple[int, int], wish: str, words: str) -> None:
    """With those that fit."""
    with pytest.raises(ReleaseError, match=words):
        choose(server, wish)


def test_details_of_releases() -> None:
    """v0.8.3 names the images of v0.8.2; 0.9 alone needs the secret made by hand."""
    assert image(find("v0.8.3"), "speaker", "") == "metallb/speaker:v0.8.2"
    needing = [name for name in fitting((1, 20)) if needs_memberlist(find(name))]
    assert needing == ["v0.9.3", "v0.9.6", "v0.9.8"]


def test_every_release_made_here_is_recorded() -> None:
    """The generator's table is held against the charm's in tests/unit/catalogue."""
    assert list(FACTS) == [one.name for one in RELEASES if not by_resources(one)]
