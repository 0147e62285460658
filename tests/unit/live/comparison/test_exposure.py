"""The exposure of single endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.bundle.model import Application, Exposure
from botlab.juju import Juju
from botlab.live.comparison.exposure import exposure_differences
from helpers.live_differences import summary

EVERYWHERE = {"expose-to-cidrs": ["0.0.0.0/0", "::/0"]}


def _compare(
    application: Application, endpoints: dict[str, Any] | None
) -> tuple[list[str], list[str]]:
    details = {"exposed": bool(endpoints), "exposed-endpoints": endpoints or {}}
    return summary(
        exposure_differences(
            "web", application, details, is_exposed=bool(endpoints), juju=Juju.V3_6
        )
    )


def test_exposure_of_all_endpoints_has_two_forms() -> None:
    assert _compare(Application(expose=True), {"": EVERYWHERE}) == ([], [])
    explicit = {"": Exposure(cidrs=["::/0", "0.0.0.0/0"])}
    assert _compare(Application(exposed_endpoints=explicit), {"": EVERYWHERE}) == ([], [])


def test_single_endpoint_replaces_the_exposure_of_all() -> None:
    endpoints = {"site": Exposure(["lab"], ["10.0.0.0/8"])}
    application = Application(exposed_endpoints=endpoints)
    assert _compare(application, {"": EVERYWHERE}) == (
        ["application web: expose true -> site to lab, 10.0.0.0/8"],
        [
            "juju unexpose web",
            "juju expose web --endpoints site --to-spaces lab --to-cidrs 10.0.0.0/8",
        ],
    )


def test_surplus_endpoint_alone_is_unexposed() -> None:
    application = Application(exposed_endpoints={"site": Exposure()})
    current = {"site": EVERYWHERE, "admin": EVERYWHERE}
    assert _compare(application, current)[1] == ["juju unexpose web --endpoints admin"]


@pytest.mark.parametrize(("current", "is_part_of_deploy"), [({}, True), ({"": EVERYWHERE}, False)])
def test_deploy_exposes_an_endpoint_unless_all_exposures_end_first(
    current: dict[str, Any], is_part_of_deploy: bool
) -> None:
    """Without endpoints, `juju unexpose` ends the exposure that deploy has made."""
    application = Application(exposed_endpoints={"site": Exposure()})
    details = {"exposed": bool(current), "exposed-endpoints": current}
    (difference,) = exposure_differences(
        "web", application, details, is_exposed=bool(current), juju=Juju.V3_6
    )

    *_, command = difference.commands
    assert (command.verb, command.options) == ("expose", ("--endpoints", "site"))
    assert command.is_part_of_deploy is is_part_of_deploy


def test_exposure_ends_where_the_bundle_has_none() -> None:
    assert _compare(
        Application(), {"site": EVERYWHERE, "admin": {"expose-to-spaces": ["lab"]}}
    ) == (
        [
            "application web: expose admin to lab; site to 0.0.0.0/0, ::/0 -> false",
        ],
        ["juju unexpose web"],
    )


def test_release_without_endpoints_exposes_the_application() -> None:
    """Juju 2.6 prints no endpoints and has no option for them."""
    application = Application(exposed_endpoints={"site": Exposure(["lab"])})
    differences = exposure_differences("web", application, {}, is_exposed=False, juju=Juju.V2_6)

    assert summary(differences) == (
        ["application web: expose false -> site to lab"],
        ["juju expose web"],
    )
    assert not list(exposure_differences("web", application, {}, is_exposed=True, juju=Juju.V2_6))
