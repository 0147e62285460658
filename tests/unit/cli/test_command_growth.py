"""The time of the commands, and the size of their output, are linear to the size of the input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from botlab.cli import main
from helpers.growth import LINEAR, growth

Captured = pytest.CaptureFixture[str]
# The bundle or site, and the files of the charm `a`.
Input = tuple[dict[str, Any], dict[str, Any]]
_CHARM = {"charm": "a", "channel": "stable"}


def _bundle(applications: dict[str, Any], **sections: object) -> dict[str, Any]:
    described = {name: {**_CHARM, **body} for name, body in applications.items()}
    return {"applications": described, **sections}


def _charm(**metadata: object) -> dict[str, Any]:
    return {"metadata.yaml": {"name": "a", **metadata}}


def _names(size: int, prefix: str) -> list[str]:
    return [f"{prefix}{number}" for number in range(size)]


def chain_of_placements(size: int) -> Input:
    """Place each application with the next one."""
    names = _names(size, "a")
    targets = [*([name] for name in names[1:]), []]
    applications = zip(names, targets, strict=True)
    return _bundle({name: {"num_units": 1, "to": to} for name, to in applications}), {}


def units_of_one_application(size: int) -> Input:
    """Place an application with each unit of another one."""
    placed = {name: {"num_units": 1, "to": [f"m/{name[1:]}"]} for name in _names(size, "a")}
    return _bundle({"m": {"num_units": size}, **placed}), {}


def ambiguous_relations(size: int) -> Input:
    """Relate applications without naming endpoints, of which each charm has as many."""
    requires, provides = (dict.fromkeys(_names(size, prefix), "x") for prefix in "rp")
    names = _names(size, "a")
    relations = [[names[0], name] for name in names[1:]]
    bundle = _bundle({name: {} for name in names}, relations=relations)
    return bundle, _charm(requires=requires, provides=provides)


def relations_of_one_named_end(size: int) -> Input:
    """Relate each endpoint of an application to some endpoint of another one."""
    requires, provides = (dict.fromkeys(_names(size, prefix), "x") for prefix in "rp")
    relations = [[f"a0:{name}", "a1"] for name in requires]
    bundle = _bundle({"a0": {}, "a1": {}}, relations=relations)
    return bundle, _charm(requires=requires, provides=provides)


def container_scopes(size: int) -> Input:
    """Relate two principals whose endpoints match, but have container scope."""
    endpoint = {"interface": "x", "scope": "container"}
    requires, provides = (dict.fromkeys(_names(size, prefix), endpoint) for prefix in "rp")
    bundle = _bundle({"a0": {}, "a1": {}}, relations=[["a0", "a1"]])
    return bundle, _charm(requires=requires, provides=provides)


def one_local_charm(size: int) -> Input:
    """Deploy a charm with many endpoints as many times."""
    applications = {name: {"charm": "./charms/a"} for name in _names(size, "a")}
    return _bundle(applications), _charm(provides=dict.fromkeys(_names(size, "p"), "x"))


def unknown_options(size: int) -> Input:
    """Set options that are similar to those of the charm."""
    options = {name: {"type": "int", "default": 1} for name in _names(size, "known-option-")}
    settings = dict.fromkeys(_names(size, "unknown-option-"), 1)
    charm = {**_charm(), "config.yaml": {"options": options}}
    return _bundle({"a": {"options": settings}}), charm


def unknown_resources(size: int) -> Input:
    """Set resources that are similar to those of the charm."""
    resources = {name: {"type": "file", "filename": "x"} for name in _names(size, "known-")}
    settings = dict.fromkeys(_names(size, "unknown-"), 1)
    return _bundle({"a": {"resources": settings}}), _charm(resources=resources)


def _site(**sections: object) -> Input:
    machines = {"node": {"roles": ["easyrsa", "etcd", "control-plane"]}}
    site = {"site": "lab", "juju": "3.6", "kubernetes": {"profile": "charmed-k8s"}}
    return {**site, "machines": machines, **sections}, {}


def faults_of_applications(size: int) -> Input:
    """Write wrong roles, and wrong keys elsewhere."""
    machines = {name: {"roles": ["none"]} for name in _names(size, "m")}
    wrong = {name: {"x": 7, "y": 1} for name in _names(size, "a")}
    return _site(machines=machines, applications=wrong)


def unknown_workers(size: int) -> Input:
    """Name entries of workers that are similar to those of the site."""
    names = zip(_names(size, "n"), _names(size, "wrong-"), strict=True)
    machines = {name: {"roles": ["worker"], "workers": entry} for name, entry in names}
    return _site(machines=machines, workers={name: {} for name in _names(size, "entry-")})


def overlapping_networks(size: int) -> Input:
    """Have networks that all overlap each other, and machines outside of them."""
    networks = {name: {"cidr": "10.0.0.0/8"} for name in _names(size, "n")}
    machines = {name: {"addresses": ["192.168.0.1"]} for name in _names(size, "m")}
    return _site(machines=machines, networks=networks)


def shares_of_one_server(size: int) -> Input:
    """Export directories inside of others."""
    shares = {name: {"path": f"/srv/{name}/inner"} for name in _names(size, "s")}
    return _site(nfs={"server": "node", "path": "/srv", "shares": shares})


def nfs_servers(size: int) -> Input:
    """Have an NFS server on each worker."""
    workers = {name: {"roles": ["worker"], "tags": [name]} for name in _names(size, "m")}
    machines = {"node": {"roles": ["easyrsa", "etcd", "control-plane"]}, **workers}
    servers = {f"s{name}": {"server": name} for name in workers}
    return _site(machines=machines, nfs={"server": "node"}, **{"nfs-servers": servers})


@pytest.mark.parametrize(
    ("command", "build"),
    [
        ("validate", chain_of_placements),
        ("plan", chain_of_placements),
        ("validate", units_of_one_application),
        ("plan", units_of_one_application),
        ("validate", ambiguous_relations),
        ("validate", relations_of_one_named_end),
        ("validate", container_scopes),
        ("validate", one_local_charm),
        ("validate", unknown_options),
        ("validate", unknown_resources),
        ("validate", faults_of_applications),
        ("validate", unknown_workers),
        ("validate", overlapping_networks),
        ("validate", shares_of_one_server),
    ],
)
def test_command_takes_linear_time(
    command: str, build: Callable[[int], Input], tmp_path: Path, capsys: Captured
) -> None:
    lengths: dict[int, int] = {}

    def run(size: int) -> None:
        arguments = _write(build(size), tmp_path)
        main([command, *(arguments if command == "validate" else arguments[:3])])
        lengths[size] = len(capsys.readouterr().out)

    assert growth(run, 500) < LINEAR
    assert lengths[4000] < LINEAR * lengths[500]


def test_runbook_takes_linear_time(tmp_path: Path) -> None:
    """With a server for each worker."""

    def run(size: int) -> None:
        arguments = _write(nfs_servers(size), tmp_path)
        assert main(["runbook", *arguments, "-o", str(tmp_path / "runbook.md"), "--force"]) == 0

    assert growth(run, 120) < LINEAR


def _write(files: Input, directory: Path) -> list[str]:
    """Write a site or bundle with its charm, and return the arguments of `botlab validate`."""
    bundle, charm = files
    (directory / "charms" / "a").mkdir(parents=True, exist_ok=True)
    for name, content in charm.items():
        (directory / "charms" / "a" / name).write_text(json.dumps(content))
    path = directory / "input.yaml"
    path.write_text(json.dumps(bundle))
    if "site" in bundle:
        return [str(path)]
    return [str(path), "--juju", "3.6", "--charms", str(directory / "charms")]
