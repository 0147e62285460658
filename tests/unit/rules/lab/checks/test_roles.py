"""Rules about the roles that a cluster cannot do without."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import Finding, path_text
from helpers.assessments import of_rule

COMPLETE = {
    "cpu0": {"tags": ["cpu0"], "roles": ["easyrsa", "etcd", "control-plane"]},
    "gpu0": {"tags": ["gpu0"], "roles": ["worker"], "gpu": True},
}


def findings_of(directory: Path, machines: object, **sections: object) -> tuple[Finding, ...]:
    """Return the findings about a site with some machines."""
    site = {
        "site": "lab",
        "juju": "3.6",
        "kubernetes": {"profile": "charmed-k8s"},
        "machines": machines,
        **sections,
    }
    path = directory / "site.yaml"
    path.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    return assess(Request(path)).findings


def with_roles(**roles: list[str]) -> dict[str, object]:
    """Return the complete site's machines with other roles."""
    return {
        name: {**machine, "roles": roles.get(name, machine["roles"])}
        for name, machine in COMPLETE.items()
    }


@pytest.mark.parametrize(
    ("machines", "message", "fix"),
    [
        (
            with_roles(cpu0=["easyrsa", "control-plane"]),
            "no machine has the role etcd, but the cluster needs etcd on one machine",
            "write roles: [easyrsa, control-plane, etcd] for cpu0, for example",
        ),
        (
            with_roles(cpu0=["easyrsa", "etcd"]),
            "no machine has the role control-plane, but the cluster needs kubernetes-control-plane"
            " on one machine",
            "write roles: [easyrsa, etcd, control-plane] for cpu0, for example",
        ),
        (
            {"cpu1": {"tags": ["cpu1"], "roles": ["etcd"]}, **with_roles(gpu0=[])},
            "no machine has the role worker, but the cluster needs kubernetes-worker on one"
            " machine",
            "write roles: [worker] for gpu0, for example",
        ),
    ],
)
def test_missing_role_names_the_machine_that_could_take_it(
    machines: object, message: str, fix: str, tmp_path: Path
) -> None:
    """Workers go to machines with GPUs first, and everything else to the others."""
    (finding,) = of_rule(findings_of(tmp_path, machines), "BL118")

    assert (path_text(finding.path), finding.message, finding.fix) == ("machines", message, fix)


def test_machine_that_gets_several_roles_gets_them_in_one_fix(tmp_path: Path) -> None:
    findings = of_rule(findings_of(tmp_path, with_roles(cpu0=[], gpu0=[])), "BL118")

    assert [finding.fix for finding in findings] == [
        *["write roles: [easyrsa, etcd, control-plane] for cpu0, for example"] * 3,
        "write roles: [worker] for gpu0, for example",
    ]


@pytest.mark.parametrize(
    ("machines", "fix"),
    [
        (
            with_roles(cpu0=["etcd"], gpu0=["worker"]),
            "write roles: [etcd, easyrsa, control-plane] for cpu0, for example",
        ),
        (
            with_roles(cpu0=["easyrsa", "worker"], gpu0=["etcd"]),
            "write roles: [etcd, control-plane] for gpu0, for example",
        ),
        (
            with_roles(cpu0=["easyrsa", "etcd"], gpu0=["control-plane"]),
            "write roles: [easyrsa, etcd, worker] for cpu0, for example",
        ),
    ],
)
def test_fix_keeps_control_planes_and_workers_apart(
    machines: object, fix: str, tmp_path: Path
) -> None:
    """Their charms write the same files (BL022)."""
    assert {finding.fix for finding in of_rule(findings_of(tmp_path, machines), "BL118")} == {fix}


@pytest.mark.parametrize(
    ("roles", "name", "fix"),
    [
        (
            [["worker"]],
            "node0",
            "write roles: [control-plane] for node0, for example; pods run on",
        ),
        ([["worker"], []], "node1", "write roles: [control-plane] for node1, for example"),
    ],
)
def test_fix_where_control_planes_run_pods_gives_a_valid_site(
    roles: list[list[str]], name: str, fix: str, tmp_path: Path
) -> None:
    """A machine has one charm with the snap k8s (BL122). Nothing that only follows is reported."""
    machines = {f"node{n}": {"tags": [f"node{n}"], "roles": r} for n, r in enumerate(roles)}
    kubernetes = {"profile": "canonical-k8s"}
    findings = findings_of(tmp_path, machines, kubernetes=kubernetes)
    (finding,) = of_rule(findings, "BL118")
    machines[name]["roles"] = ["control-plane"]
    fixed = findings_of(tmp_path, machines, kubernetes=kubernetes)

    assert finding.fix.startswith(fix)
    assert of_rule(findings, "BL056") == []
    assert [f for f in fixed if f.severity.value == "error" or f.id == "BL056"] == []


@pytest.mark.parametrize(
    "roles",
    [["worker"], ["etcd"], ["easyrsa", "load-balancer"], ["worker", "load-balancer"]],
)
def test_relations_that_a_missing_role_leaves_out_are_not_reported(
    roles: list[str], tmp_path: Path
) -> None:
    """They come with the role."""
    machines = {f"n{n}": {"tags": [f"n{n}"], "roles": [role]} for n, role in enumerate(roles)}
    findings = findings_of(tmp_path, machines)

    assert of_rule(findings, "BL118") != []
    assert of_rule(findings, "BL056") + of_rule(findings, "BL062") == []


def test_relation_that_another_provider_should_have_is_reported(tmp_path: Path) -> None:
    """With vault, no role is missing, so nothing else names the relation."""
    overlay = tmp_path / "vault.yaml"
    overlay.write_text("applications: {vault: {charm: vault, num_units: 1}}", encoding="utf-8")
    findings_of(tmp_path, with_roles(cpu0=["etcd", "control-plane"]))
    findings = assess(Request(tmp_path / "site.yaml", overlays=[overlay])).findings

    (finding,) = of_rule(findings, "BL056")
    assert finding.fix == "relate kubernetes-worker:certificates"


def test_machine_without_units_needs_a_role(tmp_path: Path) -> None:
    """A bundle has no roles, so the fix of a bundle names the placement."""
    findings = findings_of(tmp_path, {**COMPLETE, "spare": {"tags": ["spare"]}})
    # No other rule reports the same machine.
    (finding,) = [finding for finding in findings if finding.path[:2] == ("machines", "spare")]

    assert finding.id == "J021"
    assert finding.fix == (
        "give the machine a role (roles: [worker]) or a unit (applications.NAME.to), or remove it"
    )


def test_machine_that_misspelt_placements_leave_empty_is_not_reported(tmp_path: Path) -> None:
    """It follows from the wrong placement."""
    machines = {**COMPLETE, "store": {"tags": ["store"]}}
    placed = findings_of(tmp_path, machines, applications={"etcd": {"to": ["stroe"]}})
    server = findings_of(tmp_path, machines, nfs={"server": "stroe"})

    for findings, rule in ((placed, "BL012"), (server, "BL013")):
        assert [finding.fix for finding in of_rule(findings, rule)] == ["did you mean store?"]
        assert of_rule(findings, "BL072") == []
        assert of_rule(findings, "J021") == []


def test_gpu_machine_without_workers_needs_the_role(tmp_path: Path) -> None:
    """Canonical Kubernetes needs no workers, so no role is missing."""
    machines = with_roles(cpu0=["control-plane"], gpu0=["etcd"])
    kubernetes = {"profile": "canonical-k8s"}
    (finding,) = of_rule(findings_of(tmp_path, machines, kubernetes=kubernetes), "BL053")

    assert path_text(finding.path) == "nvidia"
    assert finding.fix == "give a machine with gpu: true the role worker, or remove gpu: true"


def test_complete_site_lacks_no_role(tmp_path: Path) -> None:
    """Also when an application is placed by name."""
    placed = {"etcd": {"to": ["gpu0"]}}

    assert of_rule(findings_of(tmp_path, COMPLETE), "BL118") == []
    machines = with_roles(cpu0=["easyrsa", "control-plane"])
    assert of_rule(findings_of(tmp_path, machines, applications=placed), "BL118") == []


def test_subordinates_of_a_missing_role_and_machines_of_a_misspelt_role_are_not_reported(
    tmp_path: Path,
) -> None:
    """They only follow from the missing role, or from the typing error."""
    missing = findings_of(tmp_path, with_roles(cpu0=["easyrsa", "etcd"]))
    misspelt = findings_of(tmp_path, with_roles(cpu0=["master"]))

    assert of_rule(missing, "BL053") == []
    assert [f.id for f in misspelt if f.severity.value == "error"] == ["BL004"]
    assert "J021" not in {finding.id for finding in misspelt}


def test_other_provider_of_certificates_replaces_easyrsa(tmp_path: Path) -> None:
    """It comes from an overlay, because no profile has it."""
    overlay = tmp_path / "vault.yaml"
    overlay.write_text("applications: {vault: {charm: vault, num_units: 1}}", encoding="utf-8")
    findings_of(tmp_path, with_roles(cpu0=["etcd", "control-plane"]))

    with_vault = assess(Request(tmp_path / "site.yaml", overlays=[overlay])).findings

    assert of_rule(assess(Request(tmp_path / "site.yaml")).findings, "BL118") != []
    assert of_rule(with_vault, "BL118") == []
