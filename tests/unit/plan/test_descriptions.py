"""The lines about exposed endpoints."""

from __future__ import annotations

import pytest

from botlab.bundle.model import Exposure
from botlab.juju import Juju
from botlab.plan.descriptions import Descriptions

EVERYWHERE = "expose all endpoints of a and allow access from CIDRs 0.0.0.0/0 and ::/0"


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_endpoints_with_the_same_exposure_have_one_line(juju: Juju) -> None:
    """The order of spaces and networks does not matter, and "" stays alone."""
    endpoints = {
        "web": Exposure(["s", "t"], ["10.0.0.0/8"]),
        "api": Exposure(["t", "s"], ["10.0.0.0/8"]),
        "": Exposure(["t", "s"], ["10.0.0.0/8"]),
        "db": Exposure(["s", "t"], ["10.1.0.0/16"]),
        "log": Exposure(["s"], ["10.0.0.0/8"]),
        "open": Exposure(),
    }

    assert Descriptions(juju).expose("a", endpoints) == [
        "expose all endpoints of a and allow access from spaces s,t and CIDR 10.0.0.0/8",
        "override expose settings for endpoints api,web of a and allow access from spaces s,t and"
        " CIDR 10.0.0.0/8",
        "override expose settings for endpoint db of a and allow access from spaces s,t and CIDR"
        " 10.1.0.0/16",
        "override expose settings for endpoint log of a and allow access from space s and CIDR"
        " 10.0.0.0/8",
        "override expose settings for endpoint open of a and allow access from CIDRs 0.0.0.0/0 and"
        " ::/0",
    ]
    assert Descriptions(juju).expose("a", {}) == [EVERYWHERE]
    assert Descriptions(juju).expose("a", {"": Exposure()}) == [EVERYWHERE]


def test_juju_2_6_has_no_endpoints() -> None:
    """It exposes the application."""
    assert Descriptions(Juju.V2_6).expose("a", {"db": Exposure()}) == ["expose a"]
