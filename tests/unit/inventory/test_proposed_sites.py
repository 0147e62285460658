"""The findings about sites that `botlab init --maas` proposes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.catalogue.profiles import load_profile, profile_names
from botlab.findings import Finding
from botlab.inventory.profile_roles import roles_of
from botlab.inventory.site_lines import starter_values
from botlab.site.starter import starter_text
from botlab.starter_profile import starter_profile
from helpers.maas_dump import maas_machine
from helpers.maas_proposals import proposal_for

TODAY, CANONICAL, OF_2019 = "charmed-k8s", "canonical-k8s", "k8s-1.13"
# What a different proposal would avoid: roles, architectures, and machines without a use.
AVOIDABLE = {
    *("BL022", "BL023", "BL030", "BL052", "BL056", "BL062", "BL092", "BL093", "BL106"),
    *("BL118", "BL122", "BL140", "BL141", "BL142", "BL143", "J021"),
}
# The kubeconfig of a cluster without Juju is not known.
UNKNOWN = {"BL180"}
ARM = {"architecture": "arm64/generic"}


def proposed_site(
    directory: Path, machines: list[dict[str, Any]], profile: str = TODAY
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the site file that is proposed for machines, and its findings that matter here."""
    starter, juju = starter_profile(profile, "")
    proposal = proposal_for(*machines, roles=roles_of(load_profile(profile)))
    text = starter_text("lab", juju.value, starter_values(proposal), starter)
    path = directory / "site.yaml"
    path.write_text(text, encoding="utf-8")
    findings = [
        finding
        for finding in assess(Request(path)).findings
        if finding.id in AVOIDABLE
        or (finding.severity.value == "error" and finding.id not in UNKNOWN)
    ]
    return yaml.safe_load(text), findings


def small_labs() -> Iterator[Any]:
    """Yield numbers of machines, and of those with GPUs."""
    for count in range(1, 9):
        for gpus in sorted({0, 1, count - 1, count}):
            yield pytest.param(count, gpus, id=f"{count}-{gpus}")


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize(("count", "gpus"), list(small_labs()))
def test_small_lab_has_no_finding_that_another_proposal_avoids(
    count: int, gpus: int, profile: str, tmp_path: Path
) -> None:
    machines = [maas_machine(f"m{n}", *["gpu"] * (n < gpus)) for n in range(count)]
    _, findings = proposed_site(tmp_path, machines, profile)

    # One machine has both roles, and the control plane of 2019 does not run in a container.
    is_forced = (count, profile) == (1, OF_2019)
    assert [finding.id for finding in findings] == ["BL022"] * is_forced


@pytest.mark.parametrize("profile", [TODAY, CANONICAL, OF_2019])
@pytest.mark.parametrize("gpus", ["none", "arm64", "amd64"])
@pytest.mark.parametrize(
    "architectures", ["xa", "ax", "xxa", "axa", "xaaa", "axxx", "xaxaxx", "aaaaxax", "xxxaaaaa"]
)
def test_machines_of_two_architectures_make_a_site_without_findings(
    architectures: str, gpus: str, profile: str, tmp_path: Path
) -> None:
    """Each application has machines of one architecture, on which its charm runs."""
    machines = [
        maas_machine(f"m{n}", *["gpu"] * (gpus == name), architecture=f"{name}/generic")
        for n, letter in enumerate(architectures)
        for name in ["arm64" if letter == "a" else "amd64"]
    ]
    _, findings = proposed_site(tmp_path, machines, profile)

    assert [finding.message for finding in findings] == []


def test_workers_of_the_rarer_architecture_have_an_entry_of_workers(tmp_path: Path) -> None:
    machines = [maas_machine(f"m{n}", **(ARM if n in (4, 5) else {})) for n in range(8)]
    site, findings = proposed_site(tmp_path, machines)

    assert site["workers"] == {"arm64": {"arch": "arm64"}}
    workers = {name: entry.get("workers") for name, entry in site["machines"].items()}
    assert [name for name, entry in workers.items() if entry == "arm64"] == ["m4", "m5"]
    assert findings == []


def test_workers_of_one_architecture_have_no_entry_of_workers(tmp_path: Path) -> None:
    """Also if it is not that of the control plane."""
    site, _ = proposed_site(tmp_path, [maas_machine("m0"), maas_machine("m1", "gpu", **ARM)])

    assert "workers" not in site
    assert "workers" not in site["machines"]["m1"]


def test_many_machines_of_two_architectures_are_groups_with_their_workers(tmp_path: Path) -> None:
    machines = [maas_machine(f"m{n}", ip_addresses=[]) for n in range(8)]
    machines += [maas_machine(f"arm{n}", ip_addresses=[], **ARM) for n in range(7)]
    site, findings = proposed_site(tmp_path, machines)

    assert site["groups"]["arm[0-6]"]["workers"] == "arm64"
    assert site["workers"] == {"arm64": {"arch": "arm64"}}
    assert findings == []


@pytest.mark.parametrize(
    ("profile", "roles", "applications"),
    [
        (
            TODAY,
            ["easyrsa", "etcd", "control-plane", "worker"],
            {"kubernetes-control-plane": {"to": ["lxd:m0"]}},
        ),
        (CANONICAL, ["control-plane"], None),
        (OF_2019, ["easyrsa", "etcd", "control-plane", "worker"], None),
    ],
)
def test_one_machine_has_a_control_plane_that_no_worker_disturbs(
    profile: str, roles: list[str], applications: dict[str, Any] | None, tmp_path: Path
) -> None:
    site, _ = proposed_site(tmp_path, [maas_machine("m0", "gpu")], profile)

    assert site["machines"]["m0"]["roles"] == roles
    assert site["machines"]["m0"]["gpu"] is True
    assert site.get("applications") == applications


def test_placement_in_a_container_names_the_other_control_planes_too(tmp_path: Path) -> None:
    """The roles of the machines no longer place any of them."""
    machines = [
        maas_machine("m0", "control-plane", "worker", "easyrsa", "etcd"),
        maas_machine("m1", "control-plane"),
    ]
    site, findings = proposed_site(tmp_path, machines)

    assert site["applications"]["kubernetes-control-plane"]["to"] == ["lxd:m0", "m1"]
    assert findings == []
