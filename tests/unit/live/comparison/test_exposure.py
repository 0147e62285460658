"""The exposure of single endpoints."""

from __future__ import annotations

from typing import Any

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
