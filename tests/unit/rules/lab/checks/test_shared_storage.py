"""Rules about shared storage, by the options that reach the charm nfs-server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Assessment
from botlab.bundle import Application
from botlab.findings import path_text
from helpers.assessments import assess_layer, bundle_findings, of_rule, paths_of

OPTIONS = "applications.nfs-server.options"


def assess_nfs(
    directory: Path, nfs: dict[str, Any], *, is_valid: bool = True, **options: Any
) -> Assessment:
    """Assess a section `nfs` of the example site, with raw options of nfs-server."""
    layer: dict[str, Any] = {"nfs": {"server": "node3", **nfs}}
    if options:
        layer["applications"] = {"nfs-server": {"options": options}}
    return assess_layer(directory, layer, is_valid=is_valid)


def nfs_server(assessment: Assessment) -> Application:
    """Return the application nfs-server of the bundle."""
    assert assessment.bundle is not None
    server = assessment.bundle.applications["nfs-server"]
    assert server is not None
    return server


@pytest.mark.parametrize("network", ["*", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/7", "::/0"])
def test_client_that_stands_for_everybody_is_reported(tmp_path: Path, network: str) -> None:
    """The rendered bundle sets the option that the charm then requires."""
    nfs = {
        "networks": ["10.0.0.0/8", network],
        "shares": {"clients": {"path": "/srv/a", "networks": [network]}},
    }
    assessment = assess_nfs(tmp_path, nfs)

    assert paths_of(assessment.findings, "BL037") == [
        "nfs.networks[1]",
        "nfs.shares.clients.networks[0]",
    ]
    assert of_rule(assessment.findings, "BL037")[0].message == (
        f"{network} lets any host mount /nfsroot"
    )
    assert nfs_server(assessment).options["allow-world"] is True


def test_wide_networks_below_the_limits_are_accepted(tmp_path: Path) -> None:
    """The charm accepts them without `allow-world`."""
    assessment = assess_nfs(tmp_path, {"networks": ["10.0.0.0/8", "fd00::/16"]})

    assert of_rule(assessment.findings, "BL037") == []
    assert "allow-world" not in nfs_server(assessment).options


def test_raw_option_networks_is_reported_as_refused_without_allow_world(tmp_path: Path) -> None:
    """Botlab sets `allow-world` only for the section."""
    (finding,) = of_rule(assess_nfs(tmp_path, {}, networks="10.0.0.0/8, *").findings, "BL037")

    assert path_text(finding.path) == f"{OPTIONS}.networks[1]"
    assert finding.message == (
        "* lets any host mount /nfsroot, which the charm refuses without allow-world"
    )


def test_raw_options_are_checked_instead_of_the_section(tmp_path: Path) -> None:
    """Both an export root and shares."""
    assessment = assess_nfs(tmp_path, {"path": "/etc"}, **{"export-root": "/srv/nfs"})
    assert of_rule(assessment.findings, "BL070") == []

    shares = yaml.safe_dump({"a": {"path": "/srv/a/b"}, "b": {"path": "/srv/a"}})
    options = {"export-root": "/etc", "shares": shares}
    findings = assess_nfs(tmp_path, {"storage": "maas,2G"}, **options).findings
    assert paths_of(findings, "BL070") == [f"{OPTIONS}.export-root"]
    assert paths_of(findings, "BL073") == [
        f"{OPTIONS}.shares.a.path",
        f"{OPTIONS}.export-root",
    ]


@pytest.mark.parametrize("path", ["/srv/../etc", "/srv/.", "/srv/two words", "srv"])
def test_directory_that_cannot_be_exported_is_reported(tmp_path: Path, path: str) -> None:
    """In the section, and in raw options."""
    (finding,) = of_rule(assess_nfs(tmp_path, {"path": path}, is_valid=False).findings, "BL004")
    assert path_text(finding.path) == "nfs.path"
    assert "not a directory that can be exported" in finding.message

    shares = yaml.safe_dump({"a": {"path": path}})
    (finding,) = of_rule(assess_nfs(tmp_path, {}, shares=shares).findings, "BL087")
    assert path_text(finding.path) == f"{OPTIONS}.shares.a.path"
    assert finding.message == f"{path!r} is not a directory that can be exported"
    assert finding.fix.startswith("write an absolute path such as /srv/nfs")


def test_repeated_slashes_do_not_hide_a_directory(tmp_path: Path) -> None:
    """The rules see the path without them, and so does the charm."""
    nfs = {"path": "//etc", "shares": {"a": {"path": "//srv//nfs/a/"}}}
    assert paths_of(assess_nfs(tmp_path, nfs).findings, "BL070") == ["nfs.path"]

    nfs = {"path": "/srv/nfs", "shares": {"a": {"path": "//srv/nfs/a"}}}
    assessment = assess_nfs(tmp_path, nfs)
    (finding,) = of_rule(assessment.findings, "BL073")
    assert path_text(finding.path) == "nfs.shares.a.path"
    assert finding.message == "/srv/nfs/a is inside /srv/nfs, which is exported too"
    assert "path: /srv/nfs/a" in assessment.text


@pytest.mark.parametrize(
    ("storage", "count"),
    [("200", 200), ("maas,2,10G", 2), ("maas,200G", 1), ("maas,1,10G", 1), ("ebs", 1)],
)
def test_more_than_one_storage_is_an_error(tmp_path: Path, storage: str, count: int) -> None:
    """A number without a unit is a count."""
    findings = assess_nfs(tmp_path, {"storage": storage}).findings

    assert paths_of(findings, "BL088") == (["nfs.storage"] if count > 1 else [])
    assert all(
        f"asks for {count} storages" in finding.message for finding in of_rule(findings, "BL088")
    )


@pytest.mark.parametrize("word", ["mounted", "Mounted", "MOUNTED"])
def test_mounted_is_not_a_storage_pool_in_any_case_of_letters(tmp_path: Path, word: str) -> None:
    """It says that MAAS mounts a file system."""
    assessment = assess_nfs(tmp_path, {"storage": word, "path": "/srv/nfs"})

    assert of_rule(assessment.findings, "BL072") + of_rule(assessment.findings, "BL073") == []
    assert nfs_server(assessment).storage == {}


@pytest.mark.parametrize("shares", ["- a", "words", "{", "[" * 5000, "a: 2019-13-01"])
def test_shares_that_are_not_a_mapping_are_an_error(tmp_path: Path, shares: str) -> None:
    """The charm exports nothing until it can read the option."""
    findings = assess_nfs(tmp_path, {}, shares=shares).findings

    assert paths_of(findings, "BL087") == [f"{OPTIONS}.shares"]


@pytest.mark.parametrize(
    ("options", "is_reported"), [({}, True), ({"default-class": False}, False)]
)
def test_second_class_is_only_reported_if_nfs_server_has_a_default_one(
    options: dict[str, Any], is_reported: bool
) -> None:
    """Otherwise the worker's own class is the only default one."""
    bundle = {
        "applications": {
            "storage": {"charm": "./nfs-server", "options": options},
            "worker": {"charm": "cs:kubernetes-worker-398"},
        },
        "relations": [["storage:mount", "worker:nfs"]],
    }

    assert paths_of(bundle_findings(bundle), "BL055") == ["relations[0]"] * is_reported


TODAY = {"juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}


def test_disk_of_maas_for_the_server_of_a_site_is_refused_by_juju(tmp_path: Path) -> None:
    """Juju places the server on a machine that MAAS has allocated before."""
    layer = {"nfs": {"server": "node3", "storage": "maas,200G"}, **TODAY}
    findings = assess_layer(tmp_path, layer).findings

    assert [(entry.message, entry.when) for entry in of_rule(findings, "J130")] == [
        (
            'cannot add unit for application "nfs-server": acquiring machine to host unit'
            ' "nfs-server/0": cannot assign unit "nfs-server/0" to machine 3: "maas" storage'
            " provider does not support dynamic storage",
            "deploy",
        )
    ]
    assert paths_of(findings, "J130") == paths_of(findings, "BL113") == ["nfs.storage"]


@pytest.mark.parametrize(
    ("storage", "is_reported"),
    [("200G", True), ("maas,200G", True), ("loop,200G", False), ("rootfs,200G", False)],
)
@pytest.mark.parametrize("juju", ["3.6", "4.0"])
def test_default_pool_of_a_model_on_maas_is_that_of_maas(
    tmp_path: Path, juju: str, storage: str, is_reported: bool
) -> None:
    """A site is deployed on MAAS. The pools of the machine itself work."""
    layer = {"nfs": {"server": "node3", "storage": storage}, **TODAY, "juju": juju}
    findings = assess_layer(tmp_path, layer).findings

    assert paths_of(findings, "BL113") == ["nfs.storage"] * is_reported
    assert of_rule(findings, "BL072") == []


@pytest.mark.parametrize(
    ("keys", "is_reported"),
    [({"num_units": 1, "to": ["0"]}, True), ({"num_units": 1}, False), ({"num_units": 0}, False)],
)
def test_disk_of_maas_for_any_placed_unit_of_a_bundle_is_reported(
    keys: dict[str, Any], is_reported: bool
) -> None:
    """The cloud of a bundle is not known, so a directive without a pool is accepted."""
    etcd = {"charm": "cs:etcd-607", "storage": {"data": "10G", "logs": "maas,1G"}, **keys}
    bundle = {"applications": {"etcd": etcd}, "machines": {"0": {}}}

    assert paths_of(bundle_findings(bundle), "BL113") == (
        ["applications.etcd.storage.logs"] * is_reported
    )
