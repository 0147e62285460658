"""The state of a model of which Juju says nothing more than the names."""

from __future__ import annotations

from botlab.live.status.model import (
    ApplicationStatus,
    MachineStatus,
    ModelStatus,
    StatusInfo,
    UnitStatus,
)


def test_what_juju_does_not_say_is_empty_and_everything_is_alive() -> None:
    """A revision that is not known is -1, as in Juju."""
    nothing = StatusInfo("unknown", "", "", "")

    assert StatusInfo() == nothing
    assert ApplicationStatus("a") == ApplicationStatus(
        "a", "", "", "", -1, "", False, nothing, "", (), (), "alive"
    )
    assert UnitStatus("a/0", "a") == UnitStatus(
        "a/0", "a", nothing, nothing, "", "", False, "", (), "alive"
    )
    machine = MachineStatus("0")
    assert (machine.agent, machine.instance) == (nothing, nothing)
    assert (machine.parent, machine.hostname, machine.instance_id) == ("", "", "")
    assert (machine.addresses, machine.platform, machine.life) == ((), "", "alive")
    model = ModelStatus("m")
    assert (model.controller, model.cloud, model.kind, model.version) == ("", "", "iaas", "")
    assert (model.machines, model.applications, model.units, model.document) == ({}, {}, {}, {})
