"""The releases of the provisioner, and the one that fits a cluster."""

from __future__ import annotations

import pytest

from helpers.nfs.defaults import STORAGE_CLASS
from labkube.charm.releases import ReleaseError
from nfs_server.cluster.releases import choose_release, find_release, image_of

V3, V4 = "v3.1.0-k8s1.11", "v4.0.2"


@pytest.mark.parametrize(
    ("server", "name"), [((1, 13), V3), ((1, 19), V3), ((1, 20), V4), ((1, 37), V4)]
)
def test_release_follows_the_server(server: tuple[int, int], name: str) -> None:
    """v3 up to 1.19, v4 from 1.20 on, whose servers give no selfLink."""
    assert choose_release(server, "", STORAGE_CLASS).name == name


def test_release_that_the_server_cannot_run_is_refused() -> None:
    """The error names the release that fits."""
    with pytest.raises(ReleaseError, match=r"cannot make volumes on Kubernetes 1\.20") as raised:
        choose_release((1, 20), V3, STORAGE_CLASS)
    assert (raised.value.release, raised.value.fitting) == (V3, [V4])


def test_option_that_the_release_does_not_have_is_refused() -> None:
    """v4 has it on old servers too."""
    patterned = STORAGE_CLASS._replace(path_pattern="${.PVC.name}")
    with pytest.raises(ReleaseError, match="path-pattern: v3"):
        choose_release((1, 13), "", patterned)
    retained = STORAGE_CLASS._replace(on_delete="retain")
    assert choose_release((1, 13), V4, retained).name == V4


def test_unknown_release_is_refused() -> None:
    """With the names of the table."""
    with pytest.raises(ReleaseError, match="'v5' is not a release") as raised:
        choose_release((1, 13), "v5", STORAGE_CLASS)
    assert raised.value.fitting == [V3, V4]


def test_another_registry_keeps_the_path_of_the_image() -> None:
    """Without one the image comes from the release's own registry."""
    assert image_of(find_release(V4), "reg.lab:5000/hub") == (
        "reg.lab:5000/hub/sig-storage/nfs-subdir-external-provisioner:v4.0.2"
    )
    assert image_of(find_release(V3), "") == (
        "quay.io/external_storage/nfs-client-provisioner:v3.1.0-k8s1.11"
    )
