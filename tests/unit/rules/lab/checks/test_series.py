"""Rules about the Ubuntu series and bases of applications."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.catalogue.model import Charm, Endpoint
from botlab.juju import Juju
from helpers.assessments import bundle_findings, of_rule, paths_of

WITH_BASES = pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
APP = {"charm": "ubuntu", "channel": "stable", "revision": 24, "num_units": 1}


@WITH_BASES
@pytest.mark.parametrize(
    ("series", "base", "is_reported"),
    [
        ("jammy", "ubuntu@22.04", False),
        ("noble", "ubuntu@24.04/stable", False),
        ("jammy", "ubuntu@20.04", True),
        ("focal", "ubuntu@99.04", True),
    ],
)
def test_series_and_base_of_the_same_release_are_accepted(
    juju: Juju, series: str, base: str, is_reported: bool
) -> None:
    """One file then serves Juju releases that read one of the two only."""
    keys = {"series": series, "base": base}
    machine = {"applications": {"a": {**APP, "to": ["0"]}}, "machines": {"0": keys}}
    of_application = bundle_findings({"applications": {"a": {**APP, **keys}}}, juju)
    of_machine = bundle_findings(machine, juju)

    assert paths_of(of_application, "BL043") == ["applications.a.base"] * is_reported
    assert paths_of(of_machine, "BL043") == ["machines.0.base"] * is_reported


@WITH_BASES
@pytest.mark.parametrize(
    ("series", "is_reported"), [("jammy", True), ("noble", True), ("focal", False)]
)
def test_default_base_is_compared_with_the_series_of_the_bundle(
    juju: Juju, series: str, is_reported: bool
) -> None:
    """Juju 2.9 deploys on the series, later releases on the base."""
    bundle = {"series": series, "default-base": "ubuntu@20.04", "applications": {"a": APP}}
    findings = of_rule(bundle_findings(bundle, juju), "BL043")

    assert [(finding.path, finding.message) for finding in findings] == [
        (
            ("default-base",),
            f"the base ubuntu@20.04 is not the series {series} beside it, and Juju releases differ"
            " in which of them they use",
        )
    ] * is_reported


def related(worker: dict[str, str], subordinate: dict[str, str]) -> dict[str, Any]:
    """Return a bundle with a subordinate and its principal."""
    return {
        "applications": {
            "worker": {"charm": "local:worker", "num_units": 1, **worker},
            "sub": {"charm": "local:sub", **subordinate},
        },
        "relations": [["sub:host", "worker:host"]],
    }


def charms_of(worker: list[str], subordinate: list[str]) -> dict[str, Charm]:
    """Return the facts of both charms, with the series that they support."""
    provider = Endpoint("host", "provides", "x")
    requirer = Endpoint("host", "requires", "x", "container")
    return {
        "worker": Charm("worker", endpoints={"host": provider}, series=tuple(worker)),
        "sub": Charm("sub", True, endpoints={"host": requirer}, series=tuple(subordinate)),
    }


@pytest.mark.parametrize(
    ("juju", "is_reported"),
    [(Juju.V2_6, False), (Juju.V2_9, False), (Juju.V3_6, False), (Juju.V4_0, True)],
)
def test_series_of_a_subordinate_counts_in_juju_4_only(juju: Juju, is_reported: bool) -> None:
    """Earlier releases compare the series that the charms support."""
    bundle = related({"series": "jammy"}, {"series": "focal"})
    if juju is Juju.V4_0:
        bundle = related({"base": "ubuntu@22.04"}, {"base": "ubuntu@20.04"})
    charms = charms_of(["focal", "jammy"], ["focal", "jammy"])

    assert paths_of(bundle_findings(bundle, juju, charms), "BL044") == (
        ["relations[0]"] * is_reported
    )


@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9, Juju.V3_6])
def test_charms_without_a_common_series_cannot_be_related(juju: Juju) -> None:
    """Whatever the applications name. A base counts as its series."""
    charms = charms_of(["bionic", "xenial"], ["focal"])
    charms["sub"] = Charm(
        "sub", True, endpoints=charms["sub"].endpoints, bases=("ubuntu@20.04/stable",)
    )
    (finding,) = of_rule(bundle_findings(related({}, {}), juju, charms), "BL044")

    assert finding.message == (
        "sub runs on focal and worker on bionic or xenial, but a subordinate runs on the machine"
        " of its principal"
    )


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
def test_relation_of_global_scope_connects_different_machines(juju: Juju) -> None:
    """A subordinate may be related to an application on any series by it."""
    charms = charms_of(["bionic"], ["focal"])
    host = Endpoint("host", "requires", "x", "global")
    charms["sub"] = Charm("sub", True, endpoints={"host": host}, series=("focal",))

    assert paths_of(bundle_findings(related({}, {}), juju, charms), "BL044") == []


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
@pytest.mark.parametrize(("series", "is_reported"), [("focal", True), ("bionic", False)])
def test_relation_with_one_end_of_container_scope_is_on_one_machine(
    juju: Juju, series: str, is_reported: bool
) -> None:
    """The container scope of either end is enough."""
    charms = charms_of(["bionic"], [series])
    ends = {"sub": ("requires", "global"), "worker": ("provides", "container")}
    for name, (role, scope) in ends.items():
        endpoints = {"host": Endpoint("host", role, "x", scope)}  # type: ignore[arg-type]
        charms[name] = Charm(name, name == "sub", endpoints=endpoints, series=charms[name].series)

    assert paths_of(bundle_findings(related({}, {}), juju, charms), "BL044") == (
        ["relations[0]"] * is_reported
    )


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
def test_principals_of_different_series_are_not_reported(juju: Juju) -> None:
    """Another rule reports their relation."""
    charms = charms_of(["bionic"], ["focal"])
    charms["sub"] = Charm("sub", False, endpoints=charms["sub"].endpoints, series=("focal",))

    assert paths_of(bundle_findings(related({}, {}), juju, charms), "BL044") == []
