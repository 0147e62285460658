"""The status of the facade gives the same state as the output of the client."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from botlab.live.status.client import read_status
from botlab.live.status.facade import client_document
from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.plan.model_status import model_of_status

_RECORDS = Path(__file__).parent / "records"


def _record(name: str) -> dict[str, Any]:
    return json.loads((_RECORDS / name).read_text())


def _comparable(status: ModelStatus) -> Any:
    """Return a state without the forms of times, which differ, and without the document."""

    def strip(node: Any) -> Any:
        if isinstance(node, StatusInfo):
            return dataclasses.replace(node, since="")
        if dataclasses.is_dataclass(node) and not isinstance(node, type):
            fields = {f.name: strip(getattr(node, f.name)) for f in dataclasses.fields(node)}
            return {key: value for key, value in fields.items() if key != "document"}
        if isinstance(node, dict):
            return {key: strip(value) for key, value in node.items()}
        return node

    return strip(status)


@pytest.mark.parametrize("release", ["2.9", "3.6"])
def test_facade_and_client_give_the_same_state(release: str) -> None:
    facade = client_document(_record(f"facade-{release}.json"), "maas")
    assert _comparable(read_status(facade)) == _comparable(read_status(_record(f"{release}.json")))


@pytest.mark.parametrize(
    ("release", "control_plane"),
    [("2.9", "kubernetes-master"), ("3.6", "kubernetes-control-plane")],
)
def test_planner_reads_the_relations(release: str, control_plane: str) -> None:
    document = client_document(_record(f"facade-{release}.json"), "maas")
    assert model_of_status(document, Juju(release)).relations == {
        frozenset({"easyrsa:client", f"{control_plane}:certificates"}),
        *(
            frozenset({f"{name}:kube-control", f"{control_plane}:kube-control"})
            for name in ("kubernetes-worker", "metallb", "nfs-server")
        ),
        frozenset({"kubernetes-worker:juju-info", "nvidia-runtime:juju-info"}),
    }


def test_status_that_juju_cannot_determine_keeps_its_error() -> None:
    body = {"workload-status": {"err": {"message": "cannot read"}}, "agent-status": None}
    status = read_status(
        client_document({"applications": {"etcd": {"units": {"etcd/0": body}}}}, "maas")
    )
    assert status.units["etcd/0"].workload == StatusInfo("unknown", "cannot read")


def test_empty_answer_is_an_empty_model() -> None:
    status = read_status(client_document({}, "maas"))
    assert (status.name, status.controller, dict(status.units)) == ("", "maas", {})
