"""The site that is proposed for the machines of a MAAS dump."""

from __future__ import annotations

import json
from typing import Any

import yaml

from botlab.inventory.maas import read_machines
from botlab.inventory.proposal import Proposal, propose
from botlab.inventory.starter_values import starter_values
from helpers.maas_dump import maas_machine


def proposal_for(*machines: dict[str, Any]) -> Proposal:
    """Return the proposal for the machines of a dump."""
    return propose(read_machines(json.dumps(machines), "m.json"))


def test_roles_gpus_and_unique_tags_come_from_tags() -> None:
    """A machine has the tag of a role, the tag of a GPU, and a tag that no other machine has."""
    proposal = proposal_for(
        maas_machine("m0", "kubernetes-master", "etcd", "easyrsa", "rack"),
        maas_machine("m1", "Worker", "nvidia-v100", "pin1", "rack"),
    )

    assert [machine.roles for machine in proposal.machines] == [
        ["easyrsa", "etcd", "control-plane"],
        ["worker"],
    ]
    assert [machine.has_gpu for machine in proposal.machines] == [False, True]
    assert proposal.machines[1].tag in {"pin1", "nvidia-v100"}
    assert proposal.machines[0].commands == proposal.machines[1].commands == ()
    assert (proposal.lan, proposal.gateway, proposal.notes) == ("10.5.0.0/24", "10.5.0.1", ())


def test_machine_without_a_unique_tag_gets_the_commands_that_create_one() -> None:
    """The commands name a tag that does not exist, and the machine's id in MAAS."""
    proposal = proposal_for(maas_machine("m1", "rack", "m2"), maas_machine("m2", "rack", "m2"))

    assert [machine.tag for machine in proposal.machines] == ["m1", "m2-pin"]
    assert proposal.machines[1].commands == (
        "maas PROFILE tags create name=m2-pin",
        "maas PROFILE tag update-nodes m2-pin add=id2",
    )


def test_unusable_machine_is_left_out_with_a_note() -> None:
    """Machines that the charms do not support are left out. A deployed one only has a note."""
    proposal = proposal_for(
        maas_machine("m0"),
        maas_machine("m1", status_name="Failed testing"),
        maas_machine("m2", architecture="s390x/generic"),
        maas_machine("m3", status_name="Deployed"),
    )

    assert [machine.name for machine in proposal.machines] == ["m0", "m3"]
    assert [note.split()[0] for note in proposal.notes] == ["m1", "m2", "m3", "no"]


def test_architecture_other_than_the_default_is_proposed() -> None:
    """The site file's default is amd64."""
    proposal = proposal_for(
        maas_machine("m0"), maas_machine("m1", architecture="arm64/generic"), maas_machine("m2")
    )

    assert [machine.arch for machine in proposal.machines] == ["", "arm64", ""]
    assert proposal.notes[0].startswith("no machine has the tag of a role")
    machines = yaml.safe_load("machines:\n" + starter_values(proposal).machines)["machines"]
    assert [body.get("arch") for body in machines.values()] == [None, "arm64", None]
