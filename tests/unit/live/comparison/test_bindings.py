"""The spaces of endpoints."""

from __future__ import annotations

from botlab.bundle.model import Application
from botlab.juju import Juju
from botlab.live.comparison.bindings import binding_differences
from helpers.live_differences import summary


def _compare(
    bindings: dict[str, str], current: dict[str, str], juju: Juju = Juju.V3_6
) -> tuple[list[str], list[str]]:
    application = Application(bindings=bindings)
    details = {"endpoint-bindings": current}
    return summary(binding_differences("web", application, details, juju))


def test_bundle_without_bindings_leaves_the_choice_to_juju() -> None:
    assert _compare({}, {"": "lab", "db": "storage"}) == ([], [])


def test_default_counts_for_all_endpoints_that_the_bundle_does_not_name() -> None:
    bindings = {"": "lab", "db": "storage"}
    assert _compare(bindings, {"": "lab", "db": "storage", "web": "lab"}) == ([], [])
    assert _compare(bindings, {"": "alpha", "db": "storage", "web": "alpha"}) == (
        ["application web: bindings (default)=alpha web=alpha -> (default)=lab web=lab"],
        ["juju bind web lab web=lab"],
    )


def test_endpoint_of_another_space_is_bound() -> None:
    assert _compare({"db": "storage"}, {"": "lab", "db": "lab"}) == (
        ["application web: bindings db=lab -> db=storage"],
        ["juju bind web db=storage"],
    )


def test_juju_2_6_cannot_change_bindings() -> None:
    deltas, commands = _compare({"db": "storage"}, {"db": "lab"}, Juju.V2_6)
    assert (len(deltas), commands) == (1, [])
