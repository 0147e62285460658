"""Series and bases of applications and machines in the plans of each Juju release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from botlab.plan import PlanError
from helpers.juju_records import pack_charm
from helpers.plans import plan_lines, planned, uploads


@pytest.mark.parametrize(
    ("series", "base"),
    [
        ("kinetic", "ubuntu@22.10/stable"),
        ("centos7", "centos@7/stable"),
        ("eoan", "ubuntu@19.10/stable"),
        ("precise", "ubuntu@12.04/stable"),
        ("centos9", "centos@9/stable"),
        ("genericlinux", "genericlinux@genericlinux/stable"),
    ],
)
def test_juju_3_prints_the_base_of_each_series_that_it_has_ever_had(
    series: str, base: str
) -> None:
    """Also of series that it does not deploy any more."""
    text = f"applications: {{a: {{charm: ubuntu, num_units: 1, series: {series}}}}}"

    assert f"upload charm ubuntu from charm-hub for base {base} with architecture=amd64" in (
        plan_lines(text, Juju.V3_6)
    )


def test_default_series_and_series_of_machines_become_bases() -> None:
    """The default applies where neither the application nor the machine names a platform."""
    text = """
series: hirsute
applications: {a: {charm: ubuntu, num_units: 2, to: ["0", "1"]}}
machines: {"0": {series: zesty}, "1": {}}
"""
    changes = planned(text, Juju.V3_6)

    platforms = [
        change.args[0]["series"] for change in changes.changes if change.method == "addMachines"
    ]
    assert platforms == ["ubuntu@17.04/stable", "ubuntu@21.04/stable"]


def test_series_kubernetes_is_the_legacy_base_of_ubuntu() -> None:
    """A charm of 2.9 with this series runs on Ubuntu 20.04 in Juju 3."""
    text = """
bundle: kubernetes
applications: {a: {charm: mariadb-k8s, channel: stable, scale: 1, series: kubernetes}}
"""

    assert plan_lines(text, Juju.V3_6) == [
        "upload charm mariadb-k8s from charm-hub for base ubuntu@20.04/stable from channel stable"
        " with architecture=amd64",
        "deploy application a from charm-hub with 1 unit on ubuntu@20.04/stable with stable using"
        " mariadb-k8s",
    ]


def test_series_kubernetes_of_an_application_wins_over_the_default_base() -> None:
    """Without a type, the bundle is one of machines."""
    text = """
default-base: ubuntu@22.04
applications: {db: {charm: db-k8s, num_units: 2, series: kubernetes}, web: {charm: web}}
"""

    assert uploads(plan_lines(text, Juju.V3_6)) == [
        "upload charm db-k8s from charm-hub for base ubuntu@20.04/stable with architecture=amd64",
        "upload charm web from charm-hub for base ubuntu@22.04/stable with architecture=amd64",
    ]


def test_default_series_kubernetes_is_a_base_without_a_risk() -> None:
    """Only the series of an application becomes a base of Ubuntu."""
    text = "{series: kubernetes, applications: {a: {charm: a, num_units: 1}}}"

    assert "for base kubernetes@kubernetes with" in uploads(plan_lines(text, Juju.V3_6))[0]


def test_base_kubernetes_has_a_risk_from_juju_4_on() -> None:
    """Its channel is like any other one there."""
    text = "{default-base: kubernetes@kubernetes, applications: {a: {charm: a}}}"

    assert uploads(plan_lines(text, Juju.V3_6)) == [
        "upload charm a from charm-hub for base kubernetes@kubernetes with architecture=amd64"
    ]
    assert uploads(plan_lines(text, Juju.V4_0)) == [
        "upload charm a from charm-hub for base kubernetes@kubernetes/stable"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "applications: {a: {charm: a, series: warty}}",
        "{series: warty, applications: {a: {charm: a}}}",
        '{applications: {a: {charm: a, num_units: 1, to: [0]}}, machines: {"0": {series: warty}}}',
    ],
)
def test_unknown_series_has_jujus_own_message(text: str) -> None:
    """Juju 3 cannot make a base of it."""
    with pytest.raises(PlanError, match=r'^series "warty" not valid$'):
        plan_lines(text, Juju.V3_6)


@pytest.mark.parametrize(
    ("juju", "facts", "platform"),
    [
        (Juju.V2_6, {"series": ["bionic", "focal"]}, " for series bionic"),
        (Juju.V2_6, {"series": ["bionic"], "bases": ["22.04"]}, " for series bionic"),
        (Juju.V2_9, {"series": ["bionic", "focal"]}, " for series bionic"),
        (Juju.V2_9, {"series": ["bionic"], "bases": ["22.04", "24.04"]}, " for series jammy"),
        (Juju.V3_6, {"series": ["focal"]}, " for base ubuntu@20.04/stable"),
        (Juju.V3_6, {"series": ["kubernetes"]}, " for base ubuntu@20.04/stable"),
        (Juju.V3_6, {"series": ["focal"], "bases": ["24.04/edge"]}, " for base ubuntu@24.04/edge"),
        (Juju.V3_6, {}, ""),
        (Juju.V4_0, {"bases": ["22.04", "24.04"]}, " for base ubuntu@22.04/stable"),
    ],
)
def test_platform_of_a_local_charm_is_the_first_one_that_the_charm_supports(
    juju: Juju, facts: dict[str, Any], platform: str, tmp_path: Path
) -> None:
    """From 2.9 on, a manifest replaces the series of the metadata."""
    pack_charm(tmp_path / "c.charm", {"name": "c", **facts})
    text = "applications: {a: {charm: ./c.charm, num_units: 1}}"

    architecture = " with architecture=amd64" if Juju.V2_9 <= juju < Juju.V4_0 else ""
    assert uploads(plan_lines(text, juju, directory=str(tmp_path))) == [
        f"upload charm {tmp_path}/c.charm{platform}{architecture}"
    ]


@pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
def test_default_base_wins_over_the_bases_of_a_local_charm(juju: Juju, tmp_path: Path) -> None:
    """Also if the charm does not support the default."""
    pack_charm(tmp_path / "c.charm", {"name": "c", "bases": ["20.04"]})
    text = "{default-base: ubuntu@24.04, applications: {a: {charm: ./c.charm}}}"

    assert "for base ubuntu@24.04/stable" in plan_lines(text, juju, directory=str(tmp_path))[0]


@pytest.mark.parametrize(
    ("juju", "series", "facts", "message"),
    [
        (
            Juju.V2_9,
            "series: focal",
            {"bases": ["22.04", "24.04"]},
            'series "focal" not supported by charm, supported series are: jammy,noble',
        ),
        (Juju.V2_9, "", {}, "series not specified and charm does not define any"),
        (Juju.V2_9, "", {"bases": ["99.04"]}, 'unknown series for version: "99.04"'),
        (
            Juju.V3_6,
            "",
            {"series": ["focal", "warty"]},
            'transforming slice at index 1: series "warty" not valid',
        ),
        (Juju.V4_0, "default-base: ubuntu@22.04", {}, "charm without manifest not valid"),
    ],
)
def test_local_charm_without_a_usable_platform_has_jujus_own_message(
    juju: Juju, series: str, facts: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """The client reads the charm while it plans."""
    pack_charm(tmp_path / "c.charm", {"name": "c", **facts})
    text = f"{series}\napplications: {{a: {{charm: ./c.charm, num_units: 1}}}}\n"

    with pytest.raises(PlanError) as raised:
        plan_lines(text, juju, directory=str(tmp_path))
    assert str(raised.value) == message


def test_series_in_a_charms_url_counts_up_to_juju_2() -> None:
    """Juju 3 reads it and ignores it."""
    text = "applications: {a: {charm: CHARM, num_units: 1}}"

    assert uploads(plan_lines(text.replace("CHARM", '"cs:focal/a"'), Juju.V2_9)) == [
        "upload charm a from charm-store for series focal with architecture=amd64"
    ]
    assert uploads(plan_lines(text.replace("CHARM", '"ch:amd64/focal/a"'), Juju.V3_6)) == [
        "upload charm a from charm-hub with architecture=amd64"
    ]


def test_juju_4_reads_no_series() -> None:
    """The series of the bundle, an application and a machine have no effect."""
    text = """
series: jammy
machines: {"0": {series: focal}}
applications: {a: {charm: ubuntu, channel: stable, num_units: 1, series: focal, to: ["0"]}}
"""

    assert plan_lines(text, Juju.V4_0) == [
        "upload charm ubuntu from charm-hub from channel stable",
        "deploy application a from charm-hub with stable using ubuntu",
        "add new machine 0",
        "add unit a/0 to new machine 0",
    ]


@pytest.mark.parametrize(("juju", "series"), [(Juju.V2_6, "kubernetes"), (Juju.V2_9, "bionic")])
def test_juju_2_6_deploys_a_kubernetes_bundle_on_its_own_series(juju: Juju, series: str) -> None:
    """Whatever series the bundle names."""
    text = "bundle: kubernetes\nseries: bionic\napplications: {a: {charm: 'cs:x', scale: 1}}"

    (upload,) = uploads(plan_lines(text, juju))
    assert f"for series {series}" in upload


def test_juju_2_6_uses_a_series_that_a_local_charm_does_not_support(tmp_path: Path) -> None:
    """2.9 refuses it."""
    pack_charm(tmp_path / "c.charm", {"name": "c", "series": ["bionic"]})
    text = "series: focal\napplications: {c: {charm: ./c.charm, num_units: 1}}"

    (upload,) = uploads(plan_lines(text, Juju.V2_6, directory=str(tmp_path)))
    assert upload.endswith("for series focal")
    with pytest.raises(PlanError, match="not supported by charm, supported series are: bionic"):
        planned(text, Juju.V2_9, directory=str(tmp_path))
