"""The site that is proposed for the machines of MAAS."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from botlab.errors import BotlabError
from botlab.inventory.roles import ProfileRoles
from botlab.inventory.site_lines import starter_values
from helpers.maas_dump import maas_machine
from helpers.maas_proposals import by_name, proposal_for
from helpers.maas_releases import RELEASES, STATES, machine, two_racks

# Roles of a profile whose control plane brings its own database and certificates.
FEW_ROLES = ProfileRoles(frozenset({"control-plane", "worker"}), {"control-plane": 1, "worker": 1})


def test_roles_gpus_and_unique_tags_come_from_tags() -> None:
    """A machine has the tag of a role, the tag of a GPU, and a tag that no other machine has."""
    first, second = proposal_for(
        maas_machine("m0", "kubernetes-master", "etcd", "easyrsa", "rack"),
        maas_machine("m1", "Worker", "nvidia-v100", "pin1", "rack"),
    ).machines

    assert (first.roles, second.roles) == (("easyrsa", "etcd", "control-plane"), ("worker",))
    assert (first.has_gpu, second.has_gpu) == (False, True)
    # Another machine may get the tag of its GPU some day.
    assert second.tag == "pin1"
    assert first.has_tag
    assert second.has_tag


def test_machine_without_a_unique_tag_gets_a_new_one() -> None:
    """It does not exist yet, not even on the machine of that name."""
    first, second = proposal_for(
        maas_machine("m1", "rack", "m2"), maas_machine("m2", "rack", "m2")
    ).machines

    assert (first.tag, first.has_tag) == ("m1", False)
    assert (second.tag, second.has_tag, second.system_id) == ("m2-pin", False, "id2")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("status", [status for status in STATES if status != "Ready"])
def test_machine_in_any_state_but_ready_is_left_out_with_the_reason(
    status: str, release: str
) -> None:
    proposal = proposal_for(
        machine(release, "node0"), machine(release, "node1", status_name=status)
    )

    assert list(by_name(proposal)) == ["node0"]
    assert proposal.notes[0] == f"node1 is left out: {status} in MAAS"


def test_machines_that_are_left_out_are_listed_by_reason() -> None:
    """All of them, and the controller before its state."""
    model = {"juju-model-uuid": "deadbeef"}
    machines = [
        maas_machine("m0"),
        maas_machine("m1", architecture="s390x/generic"),
        maas_machine("m2", status_name="Deployed", owner_data=model),
        maas_machine("m3", status_name="Deployed"),
        maas_machine("m4", status_name="Deployed"),
        maas_machine(
            "m5", status_name="Deployed", owner_data={**model, "juju-is-controller": "true"}
        ),
        maas_machine("m6", node_type_name="Device", status_name="Ready"),
    ]

    assert list(proposal_for(*machines).notes[:5]) == [
        "m1 is left out: s390x, but the charms are for amd64 and arm64",
        "m2 is left out: Deployed in MAAS, by the Juju model deadbeef",
        "m3, m4 are left out: Deployed in MAAS",
        "m5 is left out: carries the Juju controller",
        "m6 is left out: Device of MAAS, and not a machine",
    ]
    with pytest.raises(BotlabError) as caught:
        proposal_for(*machines[1:3])
    assert str(caught.value).startswith("m.json: no machine can be used: m1 is left out: s390x")


@pytest.mark.parametrize(
    ("filters", "names", "note"),
    [
        ({"pools": ["lab"]}, ["m1", "m3"], "m2 is left out: in the pool default"),
        ({"pools": ["lab", "default"]}, ["m1", "m2", "m3"], "the machines are in the pools"),
        ({"zones": ["rack-a"]}, ["m1", "m2"], "m3 is left out: in the zone rack-b"),
        ({"tags": ["gpu"]}, ["m2", "m3"], "m1 is left out: without the tag gpu"),
        ({"tags": ["gpu", "fast"]}, ["m3"], "m1 is left out: without the tag gpu"),
        ({"excluded": ["m[12]"]}, ["m3"], "m1, m2 are left out: excluded with --exclude"),
        ({"excluded": ["id3"]}, ["m1", "m2"], "m3 is left out: excluded with --exclude"),
    ],
)
def test_filters_select_machines(filters: dict[str, Any], names: list[str], note: str) -> None:
    proposal = proposal_for(
        maas_machine("m1", pool={"name": "lab"}, zone={"name": "rack-a"}),
        maas_machine("m2", "gpu", pool={"name": "default"}, zone={"name": "rack-a"}),
        maas_machine("m3", "gpu", "fast", pool={"name": "lab"}, zone={"name": "rack-b"}),
        **filters,
    )

    assert list(by_name(proposal)) == names
    assert proposal.notes[0].startswith(note)


def test_filter_that_nothing_meets_is_refused_with_all_mistakes() -> None:
    with pytest.raises(BotlabError) as caught:
        proposal_for(
            maas_machine("m1", "gpus", zone={"name": "rack-a"}, pool={"name": "lab"}),
            pools=["production"], tags=["gpu"], zones=["rack-b"], excluded=["infra-*"],
        )  # fmt: skip
    assert str(caught.value).split("; ") == [
        "--pool production: no machine has it",
        "MAAS has lab",
        "--tag gpu: no machine has it",
        "did you mean gpus?",
        "--zone rack-b: no machine has it",
        "did you mean rack-a?",
        "--exclude infra-*: no machine has this name or system id",
    ]


def test_control_plane_is_on_machines_without_gpus_and_storage_where_most_disk_is() -> None:
    """Also when the GPU machine is the first one and the largest."""
    proposal = proposal_for(
        maas_machine("m0", "gpu", cpu_count=128, memory=10**6),
        maas_machine("m1", cpu_count=1, memory=2048),
        maas_machine("m2", cpu_count=16, storage=9_000_000.0),
        maas_machine("m3", cpu_count=4),
        maas_machine("m4", cpu_count=0, memory=0),
    )

    roles = {name: machine.roles for name, machine in by_name(proposal).items()}
    assert [name for name in roles if "control-plane" in roles[name]] == ["m3"]
    assert roles["m0"] == ("worker",)
    assert proposal.storage == "m2"


def test_tagged_lab_without_a_control_plane_gets_one_without_gpus() -> None:
    proposal = proposal_for(
        maas_machine("m0", "gpu", "worker"), maas_machine("m1", "rack"), maas_machine("m2", "gpu")
    )

    assert by_name(proposal)["m1"].roles == ("easyrsa", "etcd", "control-plane")
    assert by_name(proposal)["m2"].roles == ("worker",)


@pytest.mark.parametrize("release", RELEASES)
def test_forty_machines_in_two_racks(release: str) -> None:
    """Control planes in both racks, the larger store for NFS, and GPU machines as workers."""
    machines = by_name(proposal := proposal_for(*two_racks(release)))

    controls = [name for name in machines if "control-plane" in machines[name].roles]
    assert {machines[name].zone for name in controls} == {"rack-a", "rack-b"}
    assert (len(controls), any(machines[name].has_gpu for name in controls)) == (3, False)
    assert [name for name in machines if "etcd" in machines[name].roles] == controls
    assert (proposal.storage, machines["rack-a-store"].roles) == ("rack-a-store", ())
    gpus = [machine for machine in machines.values() if machine.has_gpu]
    assert (len(machines), len(gpus)) == (40, 34)
    assert {machine.roles for machine in gpus} == {("worker",)}


def test_only_roles_of_the_profile_are_proposed() -> None:
    """Its control planes are an odd number of machines."""
    for count in (1, 2, 4, 9):
        machines = proposal_for(
            *(maas_machine(f"m{n}") for n in range(count)), roles=FEW_ROLES
        ).machines
        roles = [role for machine in machines for role in machine.roles]
        assert set(roles) == {"control-plane", "worker"}
        assert roles.count("control-plane") % 2 == 1


def test_architecture_other_than_the_default_is_proposed() -> None:
    """The site file's default is amd64."""
    proposal = proposal_for(
        maas_machine("m0"), maas_machine("m1", architecture="arm64/generic"), maas_machine("m2")
    )

    assert [machine.arch for machine in proposal.machines] == ["", "arm64", ""]
    machines = yaml.safe_load("machines:\n" + starter_values(proposal).machines)["machines"]
    assert [body.get("arch") for body in machines.values()] == [None, "arm64", None]
