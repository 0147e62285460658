"""Storage that Juju refuses to add to the machines that units are placed on."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from botlab.findings import Finding, path_text
from botlab.juju import Juju
from helpers.refusals import refusals

START = (
    'cannot add unit for application "nfs": acquiring machine to host unit "nfs/{0}": cannot'
    ' assign unit "nfs/{0}" to machine '
)
BEFORE_4 = [Juju.V2_6, Juju.V2_9, Juju.V3_6]


def storage_findings(juju: Juju, storage: str, *placements: str, **keys: Any) -> list[Finding]:
    """Return the findings about an application with a storage and placed units."""
    server = {"charm": "local:nfs", "num_units": len(placements), "to": list(placements), **keys}
    server["storage"] = {"export": storage}
    host = {"charm": "local:x", "num_units": 3, "to": ["0", "2", "10"]}
    bundle = {
        "applications": {"nfs": server, "host": host},
        "machines": {"0": {}, "2": {}, "10": {}},
    }
    return [entry for entry in refusals(yaml.safe_dump(bundle), juju) if entry.id == "J130"]


@pytest.mark.parametrize("juju", BEFORE_4)
@pytest.mark.parametrize(("placement", "machine"), [("0", "0"), ("10", "2"), ("new", "3")])
def test_pool_of_maas_is_refused_on_a_machine_that_exists_before_the_unit(
    juju: Juju, placement: str, machine: str
) -> None:
    """The controller says so while it deploys. Machines are numbered as in an empty model."""
    (finding,) = storage_findings(juju, "maas,200G", placement)

    assert finding.message == START.format(0) + (
        f'{machine}: "maas" storage provider does not support dynamic storage'
    )
    assert (finding.when, path_text(finding.path)) == ("deploy", "applications.nfs.storage.export")


@pytest.mark.parametrize("pool", ["loop", "rootfs", "tmpfs", "fast-disks"])
def test_storage_of_the_machine_itself_is_accepted(pool: str) -> None:
    """The provider of a pool with any other name is not known."""
    assert storage_findings(Juju.V3_6, f"{pool},1G", "0") == []


@pytest.mark.parametrize("juju", BEFORE_4)
def test_unit_with_a_machine_of_its_own_gets_a_disk_of_maas(juju: Juju) -> None:
    """MAAS adds it while it allocates the machine."""
    assert storage_findings(juju, "maas,200G", num_units=1) == []


def test_juju_4_accepts_every_placement() -> None:
    """Its controller does not check the pool."""
    assert storage_findings(Juju.V4_0, "maas,200G", "0", "lxd:2") == []


@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9])
def test_container_gets_no_storage_before_juju_3(juju: Juju) -> None:
    """Whatever the pool. Each container of a machine has a number."""
    (finding,) = storage_findings(juju, "rootfs,1G", "10", "lxd:10")

    assert finding.message == START.format(1) + (
        "2/lxd/0: adding storage to lxd container not supported"
    )


@pytest.mark.parametrize(("storage", "is_refused"), [("maas,1G", True), ("loop,1G", False)])
def test_container_gets_no_disk_of_the_cloud_from_juju_3_on(
    storage: str, is_refused: bool
) -> None:
    """Storage of the container itself is accepted."""
    message = START.format(0) + (
        '0/lxd/0: adding storage of type "maas" to lxd container not supported'
    )
    findings = storage_findings(Juju.V3_6, storage, "lxd:0")

    assert [finding.message for finding in findings] == [message] * is_refused


@pytest.mark.parametrize(
    ("placements", "machine"), [(["host/1"], "1"), (["host"], "0"), (["lxd:host/2"], "")]
)
def test_machine_of_another_unit_exists_before_the_unit(
    placements: list[str], machine: str
) -> None:
    """Its number is that of the other unit's machine."""
    findings = storage_findings(Juju.V2_9, "maas,200G", *placements)
    reason = f'{machine}: "maas" storage provider does not support dynamic storage'
    if not machine:
        reason = "2/lxd/0: adding storage to lxd container not supported"

    assert [finding.message for finding in findings] == [START.format(0) + reason]


def test_unit_without_a_machine_of_the_named_application_gets_a_machine_of_its_own() -> None:
    """The three units of the application have one unit beside them each."""
    findings = storage_findings(Juju.V2_9, "maas,200G", "host", num_units=4)

    assert [finding.message.partition(": ")[0] for finding in findings] == [
        'cannot add unit for application "nfs"'
    ]
    assert storage_findings(Juju.V2_9, "loop,200G", "host", num_units=4) == []
