"""The sources of this project's charms in a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.assessment import Assessment, Request, assess
from botlab.live.lab import lab_of
from helpers.assessments import assess_layer, paths_of
from helpers.rendered import EXAMPLES

STORE = EXAMPLES / "modern-store/site.yaml"
NFS = {"nfs": {"server": "node0"}}


def assess_charm(directory: Path, charm: dict[str, Any], **keys: Any) -> Assessment:
    """Assess the example site with nfs-server from some source, and with other keys."""
    layer = {**NFS, "juju": "2.9", "applications": {"nfs-server": {"charm": charm}}, **keys}
    return assess_layer(directory, layer)


@pytest.mark.parametrize(
    ("charm", "expected"),
    [
        ({"charmhub": "lab-nfs", "channel": "1/edge"}, ("lab-nfs", "1/edge", None)),
        ({"charmhub": "lab-nfs", "revision": 7}, ("lab-nfs", "", 7)),
        ({"store": "cs:~lab/nfs-server-3"}, ("cs:~lab/nfs-server-3", "", None)),
        ({"local": "mine/nfs.charm"}, ("./mine/nfs.charm", "", None)),
    ],
)
def test_site_decides_the_source_of_an_own_charm(
    charm: dict[str, Any], expected: tuple[str, str, int | None], tmp_path: Path
) -> None:
    """As it does for any other charm."""
    bundle = assess_charm(tmp_path, charm).bundle
    application = bundle.applications["nfs-server"] if bundle else None

    assert application is not None
    assert (application.charm, application.channel, application.revision) == expected


def test_pinned_revision_of_an_own_charm_needs_a_series(tmp_path: Path) -> None:
    """Up to Juju 3.6 (LP 2054375), as for other charms."""
    today: dict[str, Any] = {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}
    pinned = assess_charm(tmp_path, {"charmhub": "lab-nfs", "revision": 7}, **today)
    unpinned = assess_charm(tmp_path, {"charmhub": "lab-nfs"}, **today)

    assert [bool(site.bundle and site.bundle.series) for site in (pinned, unpinned)] == [
        True,
        False,
    ]


def test_own_charm_with_another_name_in_charmhub_is_an_own_charm() -> None:
    """The commands for a running lab wait for it, and run its checks."""
    lab = lab_of(assess(Request(STORE)), "site")

    assert lab.own_applications == (
        "nvidia-runtime",
        "nfs-server",
        "metallb",
        "kubeflow-installer",
    )
    assert lab.charm_name("metallb") == "metallb"


def test_name_of_another_charm_in_charmhub_is_an_error(tmp_path: Path) -> None:
    """Charmhub's metallb is not this project's charm."""
    pools = {"pools": {"default": {"addresses": ["10.0.0.200-10.0.0.220"]}}}
    layer = {"metallb": pools, "applications": {"metallb": {"charm": {"charmhub": "metallb"}}}}

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL162") == [
        "applications.metallb.charm"
    ]
    layer["applications"] = {"metallb": {"charm": {"charmhub": "lab-metallb"}}}
    assert paths_of(assess_layer(tmp_path, layer).findings, "BL162") == []
