"""Machines of MAAS that differ only by a number are groups of the site file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from botlab.cli import main
from botlab.inventory.machine_groups import group_machines
from botlab.inventory.proposal import ProposedMachine
from botlab.site.load import Layer, load_site
from botlab.site.schema import site_schema
from helpers.maas_dump import maas_machine
from helpers.maas_releases import answer, two_racks


def proposed(name: str, **fields: Any) -> ProposedMachine:
    """Return a machine of a proposal."""
    values: dict[str, Any] = {
        "name": name,
        "tag": name,
        "has_tag": True,
        "system_id": "",
        "zone": "",
        "addresses": (),
        "constraints": "",
        "arch": "",
        "has_gpu": False,
        "roles": ("worker",),
        **fields,
    }
    return ProposedMachine(**values)


def site_of(directory: Path, text: str, *arguments: str) -> str:
    """Return the site file that `botlab init` writes for a list of machines."""
    (directory / "machines.json").write_text(text, encoding="utf-8")
    site = directory / "lab.yaml"
    dump = str(directory / "machines.json")
    assert main(["init", "lab", "--maas", dump, "-o", str(site), *arguments]) == 0
    return site.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "group"),
    [
        (["gpu0", "gpu1", "gpu2"], "gpu[0-2]"),
        (["gpu2", "gpu0", "gpu1"], "gpu[0-2]"),
        (["gpu08", "gpu09", "gpu10"], "gpu[08-10]"),
        (["gpu8", "gpu9", "gpu10", "gpu12"], "gpu[8-10,12]"),
        (["r1-gpu0-x", "r1-gpu1-x", "r1-gpu2-x"], "r1-gpu[0-2]-x"),
        (["gpu0", "gpu1"], ""),
        (["a", "b", "c"], ""),
        (["gpu1", "gpu01", "gpu2"], ""),
        (["gpu0", "cpu1", "gpu2"], ""),
    ],
)
def test_group_has_the_names_of_three_or_more_machines(names: list[str], group: str) -> None:
    single, groups = group_machines([proposed(name) for name in names])

    assert [entry.name for entry in groups] == [group] * bool(group)
    assert [machine.name for machine in single] == ([] if group else names)


@pytest.mark.parametrize(
    "difference",
    [
        {"zone": "rack-b"},
        {"constraints": "cores=4"},
        {"arch": "arm64"},
        {"has_gpu": True},
        {"roles": ()},
        {"tag": "other"},
        {"addresses": ("10.0.0.9",)},
    ],
)
def test_machine_that_differs_by_more_is_not_in_the_group(difference: dict[str, Any]) -> None:
    members = [proposed(f"gpu{number}") for number in range(3)]

    single, _ = group_machines([*members, proposed("gpu3", **difference)])

    assert single[-1].name == "gpu3"


def test_addresses_and_tags_have_ranges_of_their_own() -> None:
    machines = [
        proposed(f"gpu{n}", tag=f"T-{n + 5}", addresses=(f"10.0.0.{n + 9}", f"10.1.0.{2 * n}"))
        for n in range(3)
    ]
    (group,) = group_machines(machines)[1]

    assert (group.tag, group.addresses) == ("T-[5-7]", ("10.0.0.[9-11]", "10.1.0.[0,2,4]"))


def test_forty_machines_in_two_racks_are_few_lines(tmp_path: Path) -> None:
    text = site_of(tmp_path, answer(two_racks("3.6")))
    data, site = yaml.safe_load(text), load_site([Layer(text)]).site

    assert list(data["groups"]) == ["rack-a-gpu[00-16]", "rack-b-gpu[00-16]"]
    assert len(data["machines"]) == 6
    assert "  # Zone rack-a, worker, with GPUs: 17\n" in text
    assert site is not None
    assert len(site.machines) == 40
    assert site.machines["rack-b-gpu16"].tags == ["rack-b-gpu16"]


def test_two_hundred_machines_are_readable(tmp_path: Path) -> None:
    """Nothing is lost, and no line is long."""
    dump = [
        maas_machine(f"gpu{n:03}", "nvidia", zone={"name": f"rack{n // 50}"}, ip_addresses=[])
        for n in range(197)
    ]
    dump += [maas_machine(f"node{n}", "infra", system_id=f"infra{n}") for n in range(3)]
    text = site_of(tmp_path, json.dumps(dump))
    site = load_site([Layer(text)]).site

    assert site is not None
    assert len(site.machines) == 200
    machine = site.machines["gpu120"]
    assert (machine.tags, machine.zone, machine.gpu) == (["gpu120"], "rack2", True)
    assert (machine.constraints, [role.value for role in machine.roles]) == (
        "cores=16 mem=64G",
        ["worker"],
    )
    entries = text[text.index("\nmachines:") : text.index("\nnetworks:")].splitlines()
    assert len(entries) < 80
    assert max(map(len, entries)) < 150


def test_few_machines_keep_an_entry_each(tmp_path: Path) -> None:
    dump = [maas_machine(f"gpu{n:02}", "nvidia", ip_addresses=[]) for n in range(12)]

    assert "groups" not in yaml.safe_load(site_of(tmp_path, json.dumps(dump)))


def test_site_whose_machines_are_all_in_groups_is_valid(tmp_path: Path) -> None:
    """For editors with the JSON Schema, too."""
    roles = ["control-plane"] * 3 + ["worker"] * 13
    dump = [maas_machine(f"m{n:02}", role, ip_addresses=[]) for n, role in enumerate(roles)]
    text = site_of(tmp_path, json.dumps(dump), "--profile", "canonical-k8s")
    data = yaml.safe_load(text)

    jsonschema.validate(data, site_schema())
    assert "machines" not in data
    assert main(["validate", str(tmp_path / "lab.yaml")]) == 0
