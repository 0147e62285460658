"""The export of an NFS server that Juju does not manage: in the bundle and in the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from botlab.site.external_exports import export_problem
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of
from nfs_server.external.export import read_external_export

EXPORT = "nas.lab.example:/tank/k8s"


def layer(profile: str = "charmed-k8s", **nfs: Any) -> dict[str, Any]:
    """Return a layer with a section `nfs` whose files are on another server."""
    named = {key.replace("_", "-"): setting for key, setting in nfs.items()}
    return {
        "juju": "2.9" if profile == "k8s-1.13" else "3.6",
        "kubernetes": {"profile": profile},
        "nfs": {"external": EXPORT, **named},
    }


@pytest.mark.parametrize("profile", ["charmed-k8s", "canonical-k8s", "k8s-1.13"])
def test_charm_gets_the_export_and_needs_no_machine(profile: str, tmp_path: Path) -> None:
    """It is in a container of a control plane; no rule asks for a disk or a machine."""
    changes = layer(profile, mount_options="nfsvers=4.1,hard", reclaim_policy="Retain")
    assessment = assess_layer(tmp_path, changes)
    assert assessment.bundle is not None
    application = assessment.bundle.applications["nfs-server"]

    assert application.to == ["lxd:0"]
    assert application.options == {
        "external-export": EXPORT,
        "reclaim-policy": "Retain",
        "mount-options": "nfsvers=4.1,hard",
        "storage-class": "nfs",
        "default-class": True,
    }
    ids = {finding.id for finding in assessment.findings}
    assert not ids & {"BL013", "BL060", "BL072", "BL168", "BL169"}


def test_nodes_mount_the_whole_export_for_root_only(tmp_path: Path) -> None:
    """The charm that installs nfs-common on them mounts what the relation names."""
    bundle = assess_layer(tmp_path, layer()).bundle
    assert bundle is not None

    assert bundle.applications["filesystem-client"].options == {
        "mountpoint": "/root/nfs",
        "read-only": True,
        "nodev": True,
        "noexec": True,
        "nosuid": True,
    }


def test_own_server_takes_mount_options_too(tmp_path: Path) -> None:
    changes = {"nfs": {"server": "node0", "mount-options": "nfsvers=4.1"}}
    bundle = assess_layer(tmp_path, changes).bundle
    assert bundle is not None

    assert bundle.applications["nfs-server"].options["mount-options"] == "nfsvers=4.1"


@pytest.mark.parametrize(
    ("nfs", "path", "message"),
    [
        ({}, "nfs.server", "missing"),
        ({"server": "node0", "external": EXPORT}, "nfs.external", "excludes server"),
        ({"external": "nas.lab.example"}, "nfs.external", "not an export of an NFS server"),
        ({"external": "10.0.0.300:/tank"}, "nfs.external", "not an IP address"),
        ({"external": "localhost:/tank"}, "nfs.external", "each node itself"),
        ({"external": "[::1]:/tank"}, "nfs.external", "each node itself"),
        ({"external": "nas:/tank/../k8s"}, "nfs.external", "not the whole path"),
        ({"external": EXPORT, "mount-options": "hard; rm"}, "nfs.mount-options", "mount options"),
    ],
)
def test_malformed_section_is_one_error(
    nfs: dict[str, Any], path: str, message: str, tmp_path: Path
) -> None:
    findings = assess_layer(tmp_path, {"nfs": nfs}, is_valid=False).findings

    (error,) = [finding for finding in findings if finding.id < "BL010"]
    assert path_text(error.path) in (path, "nfs")
    assert message in error.message + error.fix
    # The export of a server in place of the malformed one is a warning about nothing.
    assert path == "nfs.mount-options" or of_rule(findings, "BL072") == []


@pytest.mark.parametrize(
    "text",
    ["nas:/tank", "10.0.0.9:/tank/k8s", "[fd00::9]:/tank", "nas:tank", "fd00::9:/tank", "nas:/",
     "127.0.0.1:/tank", "0.0.0.0:/t", "localhost:/t", "localhost.localdomain:/t",
     "[::ffff:127.0.0.1]:/t", "0x7f.1:/t",
     "10.0.0.999:/t", "nas:/a/./b", "nas:/a b"],
)  # fmt: skip
def test_site_and_charm_accept_the_same_exports(text: str) -> None:
    try:
        read_external_export(text)
        is_accepted = True
    except ValueError:
        is_accepted = False

    assert is_accepted is not bool(export_problem(text))


def test_pool_must_not_contain_the_nas(tmp_path: Path) -> None:
    pools = {"default": {"addresses": ["10.0.0.200-10.0.0.219"]}}
    changes = {**layer(external="10.0.0.205:/tank"), "metallb": {"pools": pools}}
    (finding,) = of_rule(assess_layer(tmp_path, changes).findings, "BL031")

    assert "overlaps the NFS server 10.0.0.205" in finding.message


def test_export_of_a_machine_of_the_site_is_reported(tmp_path: Path) -> None:
    """Nothing exports it there; the charm would."""
    findings = assess_layer(tmp_path, layer(external="10.0.0.13:/tank")).findings
    (finding,) = of_rule(findings, "BL168")

    assert path_text(finding.path) == "nfs.external"
    assert finding.fix.startswith("write nfs.server: node3 in place of external")


def test_keys_of_an_own_server_are_reported_at_once(tmp_path: Path) -> None:
    changes = layer(path="/srv/nfs", networks=["10.0.0.0/24"], storage="mounted")
    (finding,) = of_rule(assess_layer(tmp_path, changes).findings, "BL169")

    assert path_text(finding.path) == "nfs.path"
    assert finding.message.startswith("path, networks, storage of nfs would have no effect")


def test_storage_of_juju_beside_the_export_is_reported_once(tmp_path: Path) -> None:
    changes = layer(storage="loop,20G")
    (finding,) = of_rule(assess_layer(tmp_path, changes).findings, "BL169")

    assert path_text(finding.path) == "nfs.storage"
    assert finding.message == "the charm refuses Juju's storage beside external-export"


@pytest.mark.parametrize(
    ("options", "storage", "paths"),
    [
        ({"external-export": EXPORT}, {}, {"BL168": [], "BL169": []}),
        (
            {"external-export": "nas"},
            {},
            {"BL168": ["applications.nfs.options.external-export"], "BL169": []},
        ),
        (
            {"external-export": EXPORT, "networks": "10.0.0.0/24", "threads": 8},
            {"export": "loop,2G"},
            {
                "BL168": [],
                "BL169": ["applications.nfs.options.networks", "applications.nfs.storage.export"],
            },
        ),
        ({"networks": "10.0.0.0/24"}, {"export": "loop,2G"}, {"BL168": [], "BL169": []}),
    ],
)
def test_options_of_a_bundle_are_checked_too(
    options: dict[str, Any], storage: dict[str, str], paths: dict[str, list[str]]
) -> None:
    application = {
        "charm": "./nfs-server.charm", "num_units": 1, "to": ["lxd:0"], "options": options,
        "storage": storage,
    }  # fmt: skip
    bundle = {"applications": {"nfs": application}, "machines": {"0": {}}}
    findings = bundle_findings(bundle, Juju.V3_6)

    assert {rule: paths_of(findings, rule) for rule in paths} == paths
    is_own = "external-export" not in options
    assert bool(of_rule(findings, "BL060")) is is_own
