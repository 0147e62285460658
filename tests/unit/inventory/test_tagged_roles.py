"""The roles that are proposed where some machines have the tag of a role."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from botlab.inventory.roles import ProfileRoles
from helpers.maas_dump import maas_machine
from helpers.maas_proposals import by_name, proposal_for

# Roles of a profile whose control planes run pods.
CANONICAL = ProfileRoles(
    frozenset({"control-plane", "worker"}), {"control-plane": 1}, control_plane_runs_pods=True
)


def roles_for(
    *tags: str,
    roles: ProfileRoles = ProfileRoles(),  # noqa: B008 - it cannot be changed
) -> list[str]:
    """Return the roles of machines m0, m1 and so on, each with tags that spaces separate."""
    machines = [maas_machine(f"m{n}", *text.split()) for n, text in enumerate(tags)]
    return [" ".join(machine.roles) for machine in proposal_for(*machines, roles=roles).machines]


@pytest.mark.parametrize(
    ("tags", "roles"),
    [
        (["control-plane worker"], ["control-plane"]),
        (["control-plane worker", "worker"], ["control-plane", "worker"]),
        (["worker"], ["control-plane"]),
        (["worker", "worker"], ["control-plane", "worker"]),
        (["worker", "rack"], ["worker", "control-plane"]),
        (["gpu etcd"], ["control-plane"]),
        (["control-plane", "rack", "gpu"], ["control-plane", "", "worker"]),
        (["control-plane", "rack", "rack"], ["control-plane", "worker", "worker"]),
    ],
)
def test_control_plane_that_runs_pods_is_never_a_worker(tags: list[str], roles: list[str]) -> None:
    """Both install the snap k8s (BL122)."""
    assert roles_for(*tags, roles=CANONICAL) == roles


def test_role_that_a_tag_names_in_vain_is_noted() -> None:
    proposal = proposal_for(maas_machine("m0", "control-plane", "worker"), roles=CANONICAL)

    note = (
        "m0 has tags of the roles control-plane and worker; it gets only control-plane, because"
        " pods run there, too"
    )
    assert note in proposal.notes


def test_worker_that_a_profile_requires_is_on_another_machine() -> None:
    """Where there is none, the role stays open."""
    required = ProfileRoles(
        CANONICAL.available, {"control-plane": 1, "worker": 1}, control_plane_runs_pods=True
    )

    assert roles_for("control-plane worker", "rack", roles=required) == ["control-plane", "worker"]
    assert roles_for("control-plane worker", roles=required) == ["control-plane"]


@pytest.mark.parametrize(
    ("tags", "roles"),
    [
        (["worker", "rack"], ["worker", "easyrsa etcd control-plane"]),
        (["worker easyrsa", "etcd"], ["easyrsa worker", "etcd control-plane"]),
        (["control-plane", "etcd", "rack"], ["easyrsa control-plane", "etcd", "worker"]),
        (["control-plane", "etcd"], ["easyrsa control-plane", "etcd worker"]),
        (["control-plane"], ["easyrsa etcd control-plane worker"]),
    ],
)
def test_missing_control_planes_and_workers_are_on_different_machines(
    tags: list[str], roles: list[str]
) -> None:
    """If there are enough machines (BL022)."""
    assert roles_for(*tags) == roles


def test_gpus_that_no_pod_can_use_are_noted_and_not_written() -> None:
    """nvidia-runtime runs on workers, and on control planes that run pods (BL052)."""
    machines = [maas_machine("m0", "gpu", "control-plane"), maas_machine("m1", "gpu", "worker")]
    today, canonical = proposal_for(*machines), proposal_for(*machines, roles=CANONICAL)

    has_gpu = {name: machine.has_gpu for name, machine in by_name(today).items()}
    assert has_gpu == {"m0": False, "m1": True}
    assert "the GPUs of m0 are not used, because pods only run on workers" in today.notes
    assert [machine.has_gpu for machine in canonical.machines] == [True, True]


@pytest.mark.parametrize("tags", [[], ["control-plane", "worker"]])
def test_site_file_for_one_machine_with_canonical_kubernetes_is_valid(
    tags: list[str], tmp_path: Path
) -> None:
    dump, site = tmp_path / "one.json", tmp_path / "lab.yaml"
    dump.write_text(json.dumps([maas_machine("m0", *tags)]), encoding="utf-8")
    profile = ["--profile", "canonical-k8s"]

    assert main(["init", "lab", "--maas", str(dump), *profile, "-o", str(site)]) == 0
    assert main(["validate", str(site)]) == 0
    roles = yaml.safe_load(site.read_text("utf-8"))["machines"]["m0"]["roles"]
    assert roles == ["control-plane"]
