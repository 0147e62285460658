"""Rules about the machines of a site, compared with those of MAAS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from botlab.findings import Finding, path_text
from helpers.assessments import assess_layer
from helpers.maas_releases import RECORD, RELEASES, STATES, answer, machine, subnet

# The rules about MAAS.
RULES = {f"BL{number}" for number in range(130, 140)}


def hosts(release: str = "3.6", **changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the machines of MAAS for those of the example site, with changed fields."""
    lan = subnet(release, "10.0.0.0/24")
    card = {"links": [{"mode": "auto", "subnet": lan}]}
    names = [f"node{n}" for n in range(4)]
    names += [name for name in changes if name not in names]
    return [
        machine(release, name, **{"tag_names": [name], "interface_set": [card], **fields})
        for name in names
        for fields in [changes.get(name, {})]
    ]


def maas_findings(
    directory: Path, entries: list[dict[str, Any]], layer: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Return the findings that compare the example site with MAAS."""
    findings = assess_layer(directory, layer or {"site": "lab"}, maas=answer(entries)).findings
    return [finding for finding in findings if finding.id in RULES]


def short(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return the id and the key of each finding."""
    return [(finding.id, path_text(finding.path)) for finding in findings]


@pytest.mark.parametrize("release", RELEASES)
def test_site_that_agrees_with_maas_has_no_finding(release: str, tmp_path: Path) -> None:
    assert maas_findings(tmp_path, hosts(release)) == []


def test_site_is_not_compared_without_maas(tmp_path: Path) -> None:
    findings = assess_layer(tmp_path, {"machines": {"node3": {"tags": ["none"]}}}).findings
    assert {finding.id for finding in findings} & RULES == set()


def test_missing_tag_names_the_commands_with_the_id_of_the_machine(tmp_path: Path) -> None:
    """If MAAS has a machine of that name. Nothing else is reported about the machine."""
    entries = hosts(node3={"tag_names": [], "status_name": "Broken"})
    (finding,) = maas_findings(tmp_path, entries, {"machines": {"node3": {"zone": "other"}}})

    node = next(entry["system_id"] for entry in entries if entry["hostname"] == "node3")
    assert short([finding]) == [("BL130", "machines.node3.tags")]
    assert finding.message == "no machine of MAAS has the tag node3"
    assert finding.fix == (
        f"maas PROFILE tags create name=node3; maas PROFILE tag update-nodes node3 add={node}"
    )


def test_many_missing_tags_name_the_script_that_creates_them(tmp_path: Path) -> None:
    """As before the script of `botlab init` ran. Each machine has a finding, with the same fix."""
    entries = hosts(**{f"node{number}": {"tag_names": []} for number in range(1, 4)})
    findings = maas_findings(tmp_path, entries)

    assert short(findings) == [("BL130", f"machines.node{n}.tags") for n in range(1, 4)]
    assert {finding.fix for finding in findings} == {
        "run the script that `botlab init --tag-script` wrote with this site: sh tags.sh PROFILE;"
        " without it, `botlab init lab --maas FILE --tag-script tags.sh -o -` writes one with a"
        " tag for each machine"
    }


def test_tags_that_no_machine_has_together_are_reported(tmp_path: Path) -> None:
    """Also a tag that the only machine must not have."""
    entries = hosts(node3={"tag_names": ["node3", "old"]})
    for tags in (["node3", "node2"], ["node3", "^old"]):
        findings = maas_findings(tmp_path, entries, {"machines": {"node3": {"tags": tags}}})
        assert short(findings) == [("BL130", "machines.node3.tags")]
        assert findings[0].message.endswith(f"fits the tags {', '.join(tags)} together")


def test_two_machines_that_need_the_same_one_are_reported_once(tmp_path: Path) -> None:
    findings = maas_findings(tmp_path, hosts(), {"machines": {"node3": {"tags": ["node2"]}}})

    assert short(findings) == [("BL131", "machines.node3.tags")]
    assert "other machines of the site select node2, too" in findings[0].message


def test_tag_of_several_machines_is_a_warning_and_enough_for_as_many(tmp_path: Path) -> None:
    shared = {"tag_names": ["rack"]}
    layer = {"machines": {name: {"tags": ["rack"]} for name in ("node2", "node3")}}
    findings = maas_findings(tmp_path, hosts(node2=shared, node3=shared), layer)

    assert short(findings) == [("BL132", "machines.node2.tags"), ("BL132", "machines.node3.tags")]


@pytest.mark.parametrize(("zone", "rules"), [("rack-a", []), ("rack-b", ["BL133"])])
def test_zone_must_be_that_of_a_machine_with_the_tags(
    zone: str, rules: list[str], tmp_path: Path
) -> None:
    layer = {"machines": {name: {"zone": zone} for name in ("node3",)}}
    findings = maas_findings(tmp_path, hosts(node3={"zone": "rack-a"}), layer)

    assert [finding.id for finding in findings] == rules
    assert all(finding.fix == "write zone: rack-a" for finding in findings)


@pytest.mark.parametrize("status", STATES)
def test_machine_in_another_state_than_ready_is_reported(status: str, tmp_path: Path) -> None:
    """As an error if MAAS cannot deploy it, and as a warning if it is in use."""
    findings = maas_findings(tmp_path, hosts(node3={"status_name": status}))

    if status == "Ready":
        assert findings == []
        return
    in_use = {
        "Allocated", "Reserved", "Deploying", "Deployed", "Commissioning", "Testing", "Releasing",
        "Disk erasing", "Entering rescue mode", "Exiting rescue mode",
    }  # fmt: skip
    rule = "BL135" if status in in_use else "BL134"
    assert short(findings) == [(rule, "machines.node3.tags")]
    assert f"node3 is {status} in MAAS" in findings[0].message
    if "maas " in findings[0].fix:
        action = findings[0].fix.rpartition("machine ")[2].split()[0]
        assert action in RECORD["2.4"]["actions"][status]


def test_model_that_deployed_a_machine_is_named(tmp_path: Path) -> None:
    """It can be the lab's own model."""
    deployed = {"status_name": "Deployed", "owner_data": {"juju-model-uuid": "deadbeef"}}
    (finding,) = maas_findings(tmp_path, hosts(node3=deployed))
    assert finding.message == "node3 is Deployed in MAAS by the Juju model deadbeef"


def test_architecture_and_sizes_must_be_those_of_the_machine(tmp_path: Path) -> None:
    """Each with its key."""
    layer = {"machines": {"node3": {"arch": "arm64", "constraints": "cores=17 mem=65G"}}}
    findings = maas_findings(tmp_path, hosts(), layer)

    constraints = "machines.node3.constraints"
    assert {
        (path, finding.message)
        for (_, path), finding in zip(short(findings), findings, strict=True)
    } == {
        ("machines.node3.arch", "node3 has the architecture amd64, and the site asks for arm64"),
        (constraints, "node3 has 16 cores, and the site asks for cores=17"),
        (constraints, "node3 has 65536 MiB of memory, and the site asks for mem=65G"),
    }
    assert {finding.id for finding in findings} == {"BL136"}


@pytest.mark.parametrize(
    ("settings", "architecture", "path", "asked", "fix"),
    [
        ({}, "arm64", "machines.node3.arch", "amd64", "write arch: arm64, or tag another machine"),
        (
            {"arch": "amd64"},
            *(
                "arm64",
                "machines.node3.arch",
                "amd64",
                "write arch: arm64, or tag another machine",
            ),
        ),
        (
            {"constraints": "arch=arm64"},
            *("amd64", "machines.node3.constraints", "arm64"),
            "write arch=amd64, or tag another machine",
        ),
        (
            {"workers": "arm"},
            *("amd64", "workers.arm.arch", "arm64", "write arch: amd64, or tag another machine"),
        ),
        # The charms are not for this one.
        ({}, "ppc64el", "machines.node3.arch", "amd64", "tag another machine"),
    ],
)
def test_architecture_of_the_site_is_compared_also_where_it_is_the_default(
    settings: dict[str, Any], architecture: str, path: str, asked: str, fix: str, tmp_path: Path
) -> None:
    """The bundle of a site for amd64 has no such constraint at its machines."""
    layer = {"machines": {"node3": settings}, "workers": {"arm": {"arch": "arm64"}}}
    entries = hosts(node3={"architecture": f"{architecture}/generic"})
    (finding,) = maas_findings(tmp_path, entries, layer)

    assert short([finding]) == [("BL136", path)]
    assert finding.message == (
        f"node3 has the architecture {architecture}, and the site asks for {asked}"
    )
    assert finding.fix == fix


@pytest.mark.parametrize(
    ("settings", "architecture"),
    [
        ({}, "amd64/generic"), ({}, ""), ({"arch": "arm64"}, "arm64/generic"),
        ({"workers": "arm"}, "arm64/generic"), ({"constraints": "arch=arm64"}, "arm64/generic"),
    ],
)  # fmt: skip
def test_machine_of_the_right_or_an_unknown_architecture_is_not_reported(
    settings: dict[str, Any], architecture: str, tmp_path: Path
) -> None:
    layer = {"machines": {"node3": settings}, "workers": {"arm": {"arch": "arm64"}}}

    assert maas_findings(tmp_path, hosts(node3={"architecture": architecture}), layer) == []


def test_machines_of_a_tag_that_all_have_another_architecture_are_reported(tmp_path: Path) -> None:
    """One of the right architecture is enough, because MAAS may choose it."""
    arm = {"tag_names": ["twin"], "architecture": "arm64/generic"}
    layer = {"machines": {"node3": {"tags": ["twin"]}}}
    both = maas_findings(tmp_path, hosts(node3=arm, spare=arm), layer)
    one = maas_findings(tmp_path, hosts(node3=arm, spare={"tag_names": ["twin"]}), layer)

    (finding,) = [finding for finding in both if finding.id == "BL136"]
    assert finding.message == (
        "node3, spare have the architecture arm64, and the site asks for amd64"
    )
    assert [finding.id for finding in one] == ["BL132"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ip_addresses": ["10.0.0.13"]}, ""),
        ({}, ""),
        ({"ip_addresses": ["10.0.0.23"]}, "node3 has the address 10.0.0.23 in MAAS"),
        (
            {"interface_set": [{"links": [{"subnet": {"cidr": "10.7.0.0/24"}}]}]},
            "node3 is in 10.7.0.0/24 in MAAS, which 10.0.0.13 does not belong to",
        ),
    ],
)
def test_addresses_must_be_those_that_maas_gives(
    fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """A machine without an address can still get the one of the site."""
    findings = maas_findings(tmp_path, hosts(node3=fields))

    assert [finding.message.startswith(message) for finding in findings] == [True] * bool(message)
    assert {finding.id for finding in findings} <= {"BL137"}


def test_address_of_another_machine_is_reported(tmp_path: Path) -> None:
    entries = hosts(spare={"ip_addresses": ["10.0.0.13"]})
    (finding,) = maas_findings(tmp_path, entries)

    assert short([finding]) == [("BL137", "machines.node3.addresses[0]")]
    assert finding.message == "MAAS gave 10.0.0.13 to spare, and the tags of node3 select node3"


def test_finding_can_be_ignored(tmp_path: Path) -> None:
    layer = {"ignore": {"BL134": "it is being repaired"}}
    assessment = assess_layer(
        tmp_path, layer, maas=json.dumps(hosts(node3={"status_name": "Broken"}))
    )
    assert [finding.id for finding in assessment.ignored if finding.id in RULES] == ["BL134"]
