"""The leader units that ``APPLICATION/leader`` names."""

from __future__ import annotations

import pytest

from botlab.live.errors import CommandFailedError
from botlab.live.leaders import resolve_leader
from botlab.live.status.model import ModelStatus, UnitStatus


def unit(name: str, *, is_leader: bool = False) -> UnitStatus:
    return UnitStatus(name, name.partition("/")[0], is_leader=is_leader)


def status() -> ModelStatus:
    units = (unit("etcd/0", is_leader=True), unit("k8s/0"), unit("k8s/3", is_leader=True))
    return ModelStatus("lab", units={each.name: each for each in (*units, unit("nfs/0"))})


def no_status() -> ModelStatus:
    raise AssertionError("a unit with a number needs no status")


def test_leader_is_the_leader_of_the_named_application() -> None:
    assert resolve_leader("k8s/leader", status) == "k8s/3"


def test_unit_with_a_number_is_itself() -> None:
    assert resolve_leader("k8s/0", no_status) == "k8s/0"


def test_application_without_a_leader_is_an_error() -> None:
    with pytest.raises(CommandFailedError, match=r"unit nfs/leader.*nfs has no leader yet"):
        resolve_leader("nfs/leader", status)
