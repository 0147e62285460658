"""The picture of a running model: states, names of the site, and what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from botlab.juju import Juju
from botlab.live.picture import live_picture
from botlab.live.status.client import read_status
from botlab.live.status.model import MachineStatus, ModelStatus, StatusInfo, UnitStatus
from botlab.picture.layout import drawing_of
from botlab.picture.model import Application, Container, Health, LabPicture, Machine, State, Unit
from helpers.drawing_faults import drawing_faults
from helpers.live_models import example_lab, ready_status, with_unit, without_units
from helpers.pictured_labs import HOSTILE_TEXTS, picture_in_all_states, status_in_all_states
from helpers.status_documents import status_document

READY = State(Health.READY)


def machine(picture: LabPicture, key: str) -> Machine:
    """Return a machine of a picture."""
    return next(each for each in picture.machines if each.key == key)


def application(picture: LabPicture, name: str) -> Application:
    """Return an application of a picture."""
    return next(each for each in picture.applications if each.name == name)


def unit(picture: LabPicture, name: str) -> Unit:
    """Return a unit of a picture, also of a subordinate."""
    principals = [unit for each in picture.machines for unit in each.all_units]
    units = [*principals, *(inner for each in principals for inner in each.subordinates)]
    return next(each for each in units if each.name == name)


def documented(status: ModelStatus) -> ModelStatus:
    """Return a status with its document."""
    return dataclasses.replace(status, document=status_document(status, "3.6.11"))


def test_machine_has_the_name_of_the_site_and_the_hardware_of_the_model() -> None:
    node2 = machine(picture_in_all_states(), "2")

    assert (node2.name, node2.gpus) == ("node2", "GPU")
    assert node2.addresses == ("192.168.1.12",)
    assert node2.hardware == ("32 cores", "64 GiB memory")
    assert node2.state == READY


def test_machine_without_a_site_has_its_host_name() -> None:
    node2 = machine(picture_in_all_states(with_lab=False), "2")

    assert (node2.name, node2.gpus) == ("host-2", "")


def test_each_state_has_a_health() -> None:
    picture = picture_in_all_states()

    message = "agent is not communicating with the server"
    assert machine(picture, "3").state == State(Health.FAILED, f"down: {message}")
    assert unit(picture, "nvidia-runtime/1").state == State(Health.FAILED, "error: hook failed")
    assert unit(picture, "metallb/0").state.health is Health.BLOCKED
    assert unit(picture, "metallb/0").state.text.startswith("blocked: set addresses")
    assert unit(picture, "kubernetes-worker/1").state.health is Health.BUSY
    assert unit(picture, "kubernetes-worker/0").state == State(
        Health.BUSY, "active: waits for machine 3"
    )
    assert unit(picture, "easyrsa/0").state == READY


def test_containers_are_on_their_machines() -> None:
    picture = picture_in_all_states()

    inner = machine(picture, "0").containers
    assert [(each.name, each.kind, each.state) for each in inner] == [
        ("0/lxd/0", "lxd", READY),
        ("0/lxd/1", "lxd", READY),
    ]
    assert [each.name for each in inner[0].units] == ["metallb/0"]


def test_units_that_the_model_lacks_mark_the_application() -> None:
    picture = picture_in_all_states()

    assert application(picture, "etcd").state == State(Health.ABSENT, "1 of 3 units do not exist")
    assert application(picture, "easyrsa").state == State()


def test_problems_say_what_to_do() -> None:
    problems = picture_in_all_states().problems

    assert [problem.health for problem in problems] == [
        Health.FAILED, Health.ABSENT, *[Health.BUSY] * 6, Health.FAILED, Health.BLOCKED
    ]  # fmt: skip
    assert problems[1].text == (
        "application etcd absent: 1 of 3 units do not exist. Fix: run botlab deploy SITE, or:"
        " juju add-unit etcd -m ctrl:botlab -n 1"
    )


def test_problems_of_a_model_without_its_site_are_those_of_its_parts() -> None:
    problems = picture_in_all_states(with_lab=False).problems

    texts = [problem.text.partition(" ")[0] for problem in problems]
    assert texts[0] == "machine"
    assert {"metallb/0", "nvidia-runtime/1", "kubernetes-worker/1"} < set(texts)
    assert "application" not in texts


def test_facts_count_what_is_ready() -> None:
    lab = example_lab("botlab")

    assert live_picture(ready_status(lab), Juju.V3_6, lab).facts == (
        "model ctrl:botlab",
        "Juju 3.6.11",
        "4 of 4 machines started",
        "21 of 21 units ready",
    )
    assert picture_in_all_states().facts[2:] == ("3 of 4 machines started", "12 of 20 units ready")


def test_relations_and_storage_come_from_the_site() -> None:
    picture = picture_in_all_states()

    assert len(picture.relations) == 25
    assert [each.kind for each in picture.resources] == [
        "network", "network", "address pool", "StorageClass"
    ]  # fmt: skip
    assert picture_in_all_states(with_lab=False).resources == ()


def test_relations_of_a_model_without_its_site_come_from_the_status() -> None:
    status = ready_status(example_lab("botlab"))
    document = status_document(status, "3.6.11")
    ends = [{"related-application": "easyrsa", "interface": "tls", "scope": "global"}]
    document["applications"]["etcd"]["relations"] = {"certificates": ends}
    ends = [{"related-application": "etcd", "interface": "tls", "scope": "global"}]
    document["applications"]["easyrsa"]["relations"] = {"client": ends}

    picture = live_picture(dataclasses.replace(status, document=document), Juju.V3_6)

    assert [str(end) for each in picture.relations for end in each.ends] == [
        "easyrsa:client",
        "etcd:certificates",
    ]


def test_application_that_the_site_lacks_is_drawn() -> None:
    status = status_in_all_states()
    extra = dataclasses.replace(
        status.applications["etcd"],
        name="grafana", charm="grafana-k8s", channel="1.0/stable", revision=7,
        units=("grafana/0",), is_exposed=True,
    )  # fmt: skip
    status = dataclasses.replace(status, applications={**status.applications, "grafana": extra})

    picture = live_picture(status, Juju.V3_6, example_lab("botlab"))

    assert picture.applications[-1] == Application(
        "grafana", "grafana-k8s, 1.0/stable, revision 7", 1, False, True
    )


def test_unit_without_a_machine_is_shown_apart() -> None:
    lab = example_lab("botlab")
    waiting = StatusInfo("waiting", "waiting for machine")
    status = with_unit(ready_status(lab), "etcd/2", machine="", workload=waiting)

    picture = live_picture(status, Juju.V3_6, lab)

    last = picture.machines[-1]
    assert last.key == last.name
    assert (last.name, [each.name for each in last.units]) == ("no machine yet", ["etcd/2"])
    assert last.units[0].state == State(Health.BUSY, "waiting: waits for a machine")


def test_container_in_a_container_is_drawn_on_the_machine() -> None:
    inner = MachineStatus("0/lxd/0/lxd/1", StatusInfo("started"), parent="0/lxd/0")
    outer = MachineStatus("0/lxd/0", StatusInfo("started"), parent="0")
    names = {"0": MachineStatus("0", StatusInfo("started")), "0/lxd/0": outer, inner.name: inner}
    units = {"a/0": UnitStatus("a/0", "a", machine=inner.name)}

    picture = live_picture(ModelStatus("m", machines=names, units=units), Juju.V3_6)

    containers = picture.machines[0].containers
    assert [each.name for each in containers] == ["0/lxd/0", "0/lxd/0/lxd/1"]
    assert [each.name for each in containers[1].units] == ["a/0"]
    assert isinstance(containers[1], Container)


def test_model_without_the_units_of_a_subordinate_marks_it() -> None:
    lab = example_lab("botlab")
    status = documented(without_units(ready_status(lab), "nvidia-runtime/0", "nvidia-runtime/1"))

    state = application(live_picture(status, Juju.V3_6, lab), "nvidia-runtime").state
    assert (state.health, state.text) == (
        Health.ABSENT,
        "no unit on kubernetes-worker/0, kubernetes-worker/1 yet",
    )


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the places in a document. Of the objects in an object, only the first three count."""
    yield path
    keys: Any = range(len(node[:1])) if isinstance(node, list) else ()
    if isinstance(node, dict):
        inner = [key for key in node if isinstance(node[key], dict)][:3]
        keys = [key for key in node if not isinstance(node[key], dict) or key in inner]
    for key in keys:
        yield from places(node[key], (*path, key))


def changed(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Return a document with another value at a place."""
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = changed(copy[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("value", [None, 5, "0/lxd", [[]], {"x": {"x": None}}, HOSTILE_TEXTS[0]])
def test_damaged_status_is_drawn(value: object) -> None:
    """A status comes from a controller of any release. No value in it ends the command."""
    lab = example_lab("existing-cluster")
    document = status_document(ready_status(lab), "3.6.11")
    ends = [{"related-application": "etcd", "interface": "x", "scope": "global"}]
    document["applications"] = {
        name: {**document["applications"][name], "relations": {"x": ends}}
        for name in ("metallb", "nfs-server")
    }
    paths = [path for path in places(document) if path]
    assert len(paths) > 60

    for path in paths:
        status = read_status(changed(document, path, value))
        drawing = drawing_of(live_picture(status, Juju.V3_6, lab))
        assert drawing_faults(drawing) == [], path
