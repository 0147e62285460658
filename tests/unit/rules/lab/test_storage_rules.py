"""The rules about shared storage, by the options that reach the charm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.findings import Finding, path_text
from botlab.assessment import Assessment, Request, assess
from botlab.rules.lab.examples import base_site

OPTIONS = "applications.nfs-server.options"


def job_of(tmp_path: Path, nfs: dict[str, Any], **options: Any) -> Assessment:
    """Return the job of a section nfs, and raw options, over the rules' base site."""
    layer: dict[str, Any] = {"nfs": {"server": "node3", **nfs}}
    layer |= {"applications": {"nfs-server": {"options": options}}} if options else {}
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump(layer), encoding="utf-8")
    return assess(Request(tmp_path / "site.yaml", layers=[tmp_path / "layer.yaml"]))


def struck(rule: str, job: Assessment) -> list[Finding]:
    """Return what a rule found."""
    return [one for one in job.findings if one.id == rule]


@pytest.mark.parametrize("network", ["*", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/7", "::/0"])
def test_a_network_as_open_as_everybody(tmp_path: Path, network: str) -> None:
    """It is told, and the bundle has what the charm asks for then."""
    nfs = {
        "networks": ["10.0.0.0/8", network],
        "shares": {"clients": {"path": "/srv/a", "networks": [network]}},
    }
    job = job_of(tmp_path, nfs)
    found = struck("BL037", job)

    assert [path_text(one.path) for one in found] == [
        "nfs.networks[1]",
        "nfs.shares.clients.networks[0]",
    ]
    assert found[0].message == f"{network} admits everybody to /nfsroot"
    assert job.bundle is not None
    server = job.bundle.applications["nfs-server"]
    assert server is not None
    assert server.options["allow-world"] is True


def test_wide_networks_that_name_somebody(tmp_path: Path) -> None:
    """The charm takes these unasked."""
    job = job_of(tmp_path, {"networks": ["10.0.0.0/8", "fd00::/16"]})

    assert struck("BL037", job) == []
    assert job.bundle is not None
    server = job.bundle.applications["nfs-server"]
    assert server is not None
    assert "allow-world" not in server.options


def test_a_raw_option_counts_and_is_refused_without_allow_world(tmp_path: Path) -> None:
    """Where it is written, with what the charm will say."""
    (found,) = struck("BL037", job_of(tmp_path, {}, networks="10.0.0.0/8, *"))

    assert path_text(found.path) == f"{OPTIONS}.networks[1]"
    assert found.message == (
        "* admits everybody to /nfsroot, and the charm refuses that without allow-world"
    )


def test_raw_options_are_judged_instead_of_the_section(tmp_path: Path) -> None:
    """An export root and shares given by hand are as good as the section's."""
    assert struck("BL070", job_of(tmp_path, {"path": "/etc"}, **{"export-root": "/srv/nfs"})) == []

    shares = yaml.safe_dump({"a": {"path": "/srv/a/b"}, "b": {"path": "/srv/a"}})
    job = job_of(tmp_path, {"storage": "maas,2G"}, **{"export-root": "/etc", "shares": shares})
    assert [path_text(one.path) for one in struck("BL070", job)] == [f"{OPTIONS}.export-root"]
    assert [path_text(one.path) for one in struck("BL073", job)] == [
        f"{OPTIONS}.shares.a.path", f"{OPTIONS}.export-root",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/srv/../etc", "/srv/.", "/srv/two words", "srv"])
def test_a_path_that_is_none(tmp_path: Path, path: str) -> None:
    """It is told where it is written, in the section and in raw options."""
    (found,) = struck("BL004", job_of(tmp_path, {"path": path}))
    assert path_text(found.path) == "nfs.path"
    assert "no folder to export; write an absolute path such as /srv/nfs" in found.message

    shares = yaml.safe_dump({"a": {"path": path}})
    (found,) = struck("BL087", job_of(tmp_path, {}, shares=shares))
    assert path_text(found.path) == f"{OPTIONS}.shares.a.path"
    assert found.message == f"{path!r} is no folder to export"


def test_doubled_slashes_hide_nothing(tmp_path: Path) -> None:
    """The path is judged, and reaches the charm, without them."""
    job = job_of(tmp_path, {"path": "//etc", "shares": {"a": {"path": "//srv//nfs/a/"}}})
    assert [path_text(one.path) for one in struck("BL070", job)] == ["nfs.path"]

    job = job_of(tmp_path, {"path": "/srv/nfs", "shares": {"a": {"path": "//srv/nfs/a"}}})
    (found,) = struck("BL073", job)
    assert path_text(found.path) == "nfs.shares.a.path"
    assert found.message == "/srv/nfs/a lies in /srv/nfs, which is exported too"
    assert "path: /srv/nfs/a" in job.text


@pytest.mark.parametrize(
    ("storage", "count"),
    [("200", 200), ("maas,2,10G", 2), ("maas,200G", 1), ("maas,1,10G", 1), ("ebs", 1)],
)
def test_one_storage_alone(tmp_path: Path, storage: str, count: int) -> None:
    """A number without a unit is a count, of which the charm takes one."""
    found = struck("BL088", job_of(tmp_path, {"storage": storage}))

    assert [path_text(one.path) for one in found] == (["nfs.storage"] if count > 1 else [])
    assert all(f"asks for {count} storages" in one.message for one in found)


def test_mounted_in_any_letters(tmp_path: Path) -> None:
    """It is the site's word, and no pool of Juju's."""
    for word in ("mounted", "Mounted", "MOUNTED"):
        job = job_of(tmp_path, {"storage": word, "path": "/srv/nfs"})
        assert struck("BL072", job) + struck("BL073", job) == []
        assert job.bundle is not None
        server = job.bundle.applications["nfs-server"]
        assert server is not None
        assert server.storage == {}


@pytest.mark.parametrize("shares", ["- a", "words", "{", "[" * 5000, "a: 2019-13-01"])
def test_shares_that_are_no_mapping(tmp_path: Path, shares: str) -> None:
    """The charm would wait for a right one."""
    (found,) = struck("BL087", job_of(tmp_path, {}, shares=shares))

    assert path_text(found.path) == f"{OPTIONS}.shares"
