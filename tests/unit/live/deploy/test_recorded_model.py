"""A lab that Juju 4.0.15 ran, compared with changed bundles and with recorded dry runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.juju import Juju
from botlab.live.deploy.dry_run import dry_run_difference
from botlab.live.deploy.preparation import Preparation, plan_lines, prepare
from botlab.live.deploy.request import DeployRequest
from botlab.live.errors import UnsupportedError
from botlab.live.lab import lab_of
from botlab.live.live_model import JsonObject
from botlab.live.status.client import read_status
from botlab.live.time_limits import Deadline
from botlab.plan import parse_machine_map
from helpers.juju_records import RECORDS, pack_charms
from helpers.live_models import FakeModel

REDEPLOY = RECORDS / "redeploy"
Body = dict[str, Any]


class RecordedModel(FakeModel):
    """The recorded model. The options of some applications were not recorded."""

    def config(self, application: str) -> JsonObject:
        """Return the recorded options of an application."""
        path = REDEPLOY / f"config-{application}.json"
        if not path.exists():
            raise UnsupportedError(f"the options of {application} were not recorded")
        return json.loads(path.read_text())


def recorded_model() -> RecordedModel:
    """Return the recorded model."""
    status = json.loads((REDEPLOY / "status.json").read_text())
    return RecordedModel(
        statuses=[read_status(status)],
        juju=Juju.V4_0,
        version="4.0.15",
        applications=json.loads((REDEPLOY / "show-application.json").read_text()),
        constraints={"arch": "amd64"},
    )


def keep(bundle: Body) -> None:
    """Change nothing."""
    del bundle


def move_in_the_gui(bundle: Body) -> None:
    """Change an annotation."""
    bundle["applications"]["etcd"]["annotations"]["gui-x"] = "801"


def change_the_addresses(bundle: Body) -> None:
    """Change an option."""
    bundle["applications"]["metallb"]["options"]["addresses"] = "10.20.0.200-10.20.0.230"


def remove_a_relation(bundle: Body) -> None:
    """Remove one relation."""
    bundle["relations"].remove(["nvidia-runtime:certificates", "easyrsa:client"])


def remove_an_application(bundle: Body) -> None:
    """Remove an application and its relations."""
    del bundle["applications"]["metallb"]
    bundle["relations"] = [
        relation for relation in bundle["relations"] if "metallb" not in str(relation)
    ]


def end_an_exposure(bundle: Body) -> None:
    """Expose one application less."""
    del bundle["applications"]["kubernetes-worker"]["expose"]


def add_a_worker(bundle: Body) -> None:
    """Add a unit. The model already has three."""
    bundle["applications"]["kubernetes-worker"]["num_units"] = 3
    bundle["applications"]["kubernetes-worker"]["to"].append("0")


# How the recorded model differs from the bundle: somebody had moved units and set constraints.
# The record does not have the hardware of the machines, which would explain the architecture.
ALWAYS = [
    "application etcd: to 4 -> 2",
    "application kubernetes-worker: num_units 3 -> 2",
    "application metallb: constraints arch=amd64 -> (none)",
    "application nfs-server: constraints arch=amd64 -> (none)",
]
CHANGES: dict[str, tuple[Callable[[Body], None], list[str], list[str]]] = {
    "same": (keep, [], []),
    "annotation": (move_in_the_gui, [], []),
    "option": (
        change_the_addresses,
        [
            "application metallb: options.addresses 192.0.2.200-192.0.2.220 ->"
            " 10.20.0.200-10.20.0.230"
        ],
        [],
    ),
    "relation": (
        remove_a_relation,
        ["relation easyrsa:client nvidia-runtime:certificates"],
        ["juju remove-relation easyrsa:client nvidia-runtime:certificates"],
    ),
    "removed": (
        remove_an_application,
        ["application metallb"],
        ["juju remove-application metallb"],
    ),
    "unexpose": (
        end_an_exposure,
        ["application kubernetes-worker: expose true -> false"],
        ["juju unexpose kubernetes-worker"],
    ),
    "unit": (
        add_a_worker,
        ["application kubernetes-worker: to 2 -> 0"],
        ["juju add-unit kubernetes-worker --to 0"],
    ),
}


def _prepared(tmp_path: Path, name: str) -> tuple[Preparation, DeployRequest]:
    site = tmp_path / "site"
    site.mkdir()
    pack_charms(site / "charms")
    bundle = yaml.safe_load((REDEPLOY / "bundle.yaml").read_text())
    CHANGES[name][0](bundle)
    path = site / "bundle.yaml"
    path.write_text(yaml.safe_dump(bundle, sort_keys=False))
    lab = lab_of(assess(Request(path, "4.0")), "bundle")
    machine_map = parse_machine_map("existing")
    request = DeployRequest(lab, path, map_machines="existing", machine_map=machine_map)
    return prepare(recorded_model(), request, Deadline(None)), request


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_recorded_dry_run_agrees_with_the_plan(tmp_path: Path, name: str) -> None:
    preparation, request = _prepared(tmp_path, name)
    recorded = (REDEPLOY / f"{name}.dry.out").read_text()
    line = "- set application options for metallb\n"
    assert (line in recorded) == (name == "option")
    # The plan is for the model after `juju config`.
    recorded = recorded.replace(line, "")
    assert dry_run_difference(preparation, request.lab.bundle, recorded) == []
    assert preparation.map_machines == "0=0,1=1,2=2,3=3,4=4"


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_change_of_the_bundle_is_the_only_further_difference(tmp_path: Path, name: str) -> None:
    preparation, _ = _prepared(tmp_path, name)
    deltas = {str(entry.delta) for entry in preparation.comparison.differences}
    unchanged = {str(entry.delta) for entry in _prepared_same(tmp_path).comparison.differences}
    _, further, commands = CHANGES[name]
    assert deltas - unchanged == set(further)
    texts = [command.text() for command in preparation.comparison.commands_beside_deploy()]
    assert [text for text in commands if text not in texts] == []


def _prepared_same(tmp_path: Path) -> Preparation:
    directory = tmp_path / "unchanged"
    directory.mkdir()
    return _prepared(directory, "same")[0]


def test_units_that_somebody_added_are_the_differences_of_the_recorded_model(
    tmp_path: Path,
) -> None:
    preparation, _ = _prepared(tmp_path, "same")
    assert [str(entry.delta) for entry in preparation.comparison.differences] == ALWAYS
    assert list(plan_lines(preparation)) == [
        "juju deploy will make these changes:",
        '- set constraints for metallb to ""',
        '- set constraints for nfs-server to ""',
        "juju deploy prints these lines again, but they have no effect:",
        "- expose all endpoints of kubeapi-load-balancer and allow access from CIDRs 0.0.0.0/0 and"
        " ::/0",
        "- expose all endpoints of kubernetes-worker and allow access from CIDRs 0.0.0.0/0 and"
        " ::/0",
    ]
