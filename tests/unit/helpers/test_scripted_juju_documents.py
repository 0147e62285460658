"""The documents of the scripted juju client are those of each release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.scripted_juju import ScriptedJuju, machine_down, unit_lost
from helpers.scripted_sites import GENERATIONS, deployed

DOCUMENTS = Path(__file__).parent / "records/juju-status"
Document = dict[str, Any]


def recorded(generation: str) -> Document:
    """Return the recorded status of a release."""
    document: Document = json.loads((DOCUMENTS / f"client-{generation}.json").read_text())
    return document


def answer(juju: ScriptedJuju, *arguments: str) -> Any:
    """Return the JSON that a call prints."""
    done = juju.run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_status_of_a_recorded_model_is_the_recorded_document(
    generation: str, tmp_path: Path
) -> None:
    """Every key and value is equal after the way through the state."""
    juju = ScriptedJuju.create(tmp_path, generation, clock="2026-11-20T10:30:00Z")
    juju.load_status(recorded(generation))

    assert answer(juju, "status") == recorded(generation)


def test_status_of_a_model_of_juju_4_0_15_is_the_recorded_document(tmp_path: Path) -> None:
    """The record has `life`, peer relations, and two relations between the same applications."""
    document: Document = json.loads((DOCUMENTS / "recorded-4.0.15.json").read_text())
    hour, minute, second = document["controller"]["timestamp"].rstrip("Z").split(":")
    juju = ScriptedJuju.create(tmp_path, "4.0", clock=f"2026-11-29T{hour}:{minute}:{second}Z")
    juju.load_status(document)

    assert answer(juju, "status") == document


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_model_of_another_release_has_the_shape_of_the_own_release(
    generation: str, tmp_path: Path
) -> None:
    """The model of 3.6 is shown with the keys of the recorded document, object by object."""
    juju = ScriptedJuju.create(tmp_path, generation)
    juju.load_status(recorded("3.6"))
    document, expected = answer(juju, "status"), recorded(generation)

    assert list(document) == list(expected)
    assert list(document["model"]) == list(expected["model"])
    for machine, body in document["machines"].items():
        assert list(body) == list(expected["machines"][machine])
    for name in set(document["applications"]) & set(expected["applications"]):
        assert list(document["applications"][name]) == list(expected["applications"][name])


def test_related_applications_are_names_in_2_9_and_objects_in_3_6(tmp_path: Path) -> None:
    """The control plane of the recorded lab has three relations at kube-control."""
    names = ["kubernetes-worker", "metallb", "nfs-server"]
    relations = {}
    for generation in ("2.9", "3.6"):
        juju = ScriptedJuju.create(tmp_path / generation, generation)
        juju.load_status(recorded("3.6"))
        applications = answer(juju, "status")["applications"]
        relations[generation] = applications["kubernetes-control-plane"]["relations"]

    assert relations["2.9"]["kube-control"] == names
    assert relations["3.6"]["kube-control"] == [
        {"related-application": name, "interface": "kube-control", "scope": "global"}
        for name in names
    ]


def keys(body: Document, *ignored: str) -> set[str]:
    """Return the keys of an object, without those that some objects lack."""
    return set(body) - {"life", "version", "open-ports", "constraints", *ignored}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_deployed_lab_has_the_keys_of_the_recorded_lab(generation: str, tmp_path: Path) -> None:
    """Machines, containers, principals, subordinates and statuses, as `deploy` creates them."""
    own, expected = answer(deployed(tmp_path, generation), "status"), recorded(generation)
    containers = [
        lab["machines"][host]["containers"] for lab, host in ((own, "1"), (expected, "0"))
    ]
    worker = expected["applications"]["kubernetes-worker"]
    agent = own["applications"]["client"]["units"]["client/0"]
    subordinate = worker["units"]["kubernetes-worker/0"]["subordinates"]["nvidia-runtime/0"]

    assert keys(own["model"]) == keys(expected["model"])
    assert keys(own["machines"]["0"]) == keys(expected["machines"]["0"], "containers")
    assert list(containers[0]) == ["1/lxd/0"]
    assert keys(containers[0]["1/lxd/0"]) == keys(containers[1]["0/lxd/0"])
    assert keys(own["applications"]["server"]) == keys(expected["applications"]["metallb"])
    assert keys(own["applications"]["agent"]) == keys(expected["applications"]["nvidia-runtime"])
    assert keys(agent, "subordinates") == keys(
        worker["units"]["kubernetes-worker/0"], "subordinates"
    )
    server = own["applications"]["server"]["units"]["server/0"]
    assert keys(server["subordinates"]["agent/0"]) == keys(subordinate, "leader") | {"leader"}
    assert keys(server["workload-status"]) == {"current", "message", "since"}


def test_unit_of_a_new_machine_waits_as_recorded(tmp_path: Path) -> None:
    """The unit on the pending machine of the record has the same statuses."""
    juju = deployed(tmp_path, "3.6", clock="2026-11-20T10:05:00Z")
    juju.set_progress(None)
    juju.run("add-unit", "client")
    worker = recorded("3.6")["applications"]["kubernetes-worker"]["units"]["kubernetes-worker/1"]

    unit = answer(juju, "status")["applications"]["client"]["units"]["client/1"]

    assert unit == worker


@pytest.mark.parametrize("generation", GENERATIONS)
def test_lost_agent_has_the_text_of_its_release(generation: str, tmp_path: Path) -> None:
    """The texts are those of the recorded documents, with another unit."""
    juju = deployed(tmp_path, generation)
    juju.change(machine_down("0"), unit_lost("server/0"))
    workers = recorded(generation)["applications"]["kubernetes-worker"]["units"]
    expected = workers["kubernetes-worker/2"]["workload-status"]["message"]

    document = answer(juju, "status")

    server = document["applications"]["server"]["units"]["server/0"]
    assert server["workload-status"]["current"] == "unknown"
    assert server["workload-status"]["message"] == expected.replace(
        "kubernetes-worker/2", "server/0"
    )
    assert server["juju-status"]["current"] == "lost"
    assert document["machines"]["0"]["juju-status"]["current"] == "down"


def test_utc_shows_times_as_iso(tmp_path: Path) -> None:
    """The option has the same effect as the variable JUJU_STATUS_ISO_TIME."""
    juju = ScriptedJuju.create(tmp_path, "3.6", clock="2026-11-20T10:30:00Z")
    local = answer(juju, "status")["model"]["model-status"]["since"]
    utc = answer(juju, "status", "--utc")["model"]["model-status"]["since"]
    juju.environment["JUJU_STATUS_ISO_TIME"] = "1"

    assert local == "20 Nov 2026 10:30:00Z"
    assert utc == "2026-11-20 10:30:00Z"
    assert answer(juju, "status")["model"]["model-status"]["since"] == utc


def test_show_application_has_the_keys_of_the_record(tmp_path: Path) -> None:
    """An exposed application and its endpoints are as Juju 4.0.15 shows them."""
    body = answer(deployed(tmp_path, "4.0"), "show-application", "server")["server"]

    assert list(body) == [
        "charm",
        "base",
        "constraints",
        "principal",
        "exposed",
        "exposed-endpoints",
        "remote",
        "life",
        "endpoint-bindings",
    ]
    assert body["constraints"] == {"arch": "amd64"}
    assert body["base"] == "ubuntu@22.04"
    assert body["exposed-endpoints"] == {"": {"expose-to-cidrs": ["0.0.0.0/0", "::/0"]}}
    assert body["endpoint-bindings"] == {
        "": "alpha",
        "api": "alpha",
        "juju-info": "alpha",
        "servers": "alpha",
    }


def test_show_application_of_2_6_has_no_exposed_endpoints(tmp_path: Path) -> None:
    """They came with 2.9, as did `life`."""
    body = answer(deployed(tmp_path, "2.6"), "show-application", "server")["server"]

    assert list(body) == [
        "charm",
        "series",
        "constraints",
        "principal",
        "exposed",
        "remote",
        "endpoint-bindings",
    ]


def test_config_has_the_keys_of_the_record(tmp_path: Path) -> None:
    """Options that are set, left at their default, and without a value."""
    document = answer(deployed(tmp_path, "4.0"), "config", "server")

    assert list(document) == ["application", "application-config", "charm", "settings"]
    assert document["application-config"] == {
        "trust": {
            "default": False,
            "description": "Does this application have access to trusted credentials",
            "source": "default",
            "type": "bool",
            "value": False,
        }
    }
    assert document["settings"]["port"] == {
        "default": 80,
        "description": "The port.",
        "source": "user",
        "type": "int",
        "value": 8080,
    }
    assert document["settings"]["debug"]["source"] == "default"
    assert document["settings"]["names"] == {
        "description": "The names.",
        "source": "unset",
        "type": "string",
    }
