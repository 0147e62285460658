"""The state of an installation, stored on a cluster in memory."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from kubeflow_installer.state.store import NOTHING, State, StateStore, new_state
from labkube.apply.objects import Objects

NAME = "kubeflow-installer-state-lab-one.12345678"
STATE = State("v1.2", "installed", "digest", "options", "a@b.c", True, True)


@pytest.fixture
def api() -> Any:
    """Return an empty server."""
    return MemoryApi((1, 28))


def store_on(api: Any) -> StateStore:
    """Return an application's store."""
    objects = Objects(api, "app", "lab", [("v1", "ConfigMap")], lambda _: None)
    return StateStore(api, objects, "Lab_One.12345678")


def config_map(api: Any) -> Any:
    """Return the ConfigMap of the state; None without one."""
    metadata = {"name": NAME, "namespace": "kube-system"}
    return api.get({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def test_nothing_is_stored_at_first(api: Any) -> None:
    assert store_on(api).read() == NOTHING == State("", "", "", "", "", False, False)


@pytest.mark.parametrize(
    ("state", "flags"),
    [
        (STATE, ("true", "true")),
        (STATE._replace(adopt=False), ("false", "true")),
        (STATE._replace(delete_data=False), ("true", "false")),
    ],
)
def test_state_is_stored_once_and_deleted(api: Any, state: State, flags: tuple[str, str]) -> None:
    store = store_on(api)
    store.write(state)
    store.write(state)

    assert api.writes == [f"PUT ConfigMap {NAME}"]
    assert config_map(api)["data"] == {
        "release": "v1.2",
        "phase": "installed",
        "files": "digest",
        "made": "options",
        "user": "a@b.c",
        "adopt": flags[0],
        "delete-data": flags[1],
    }
    assert store.read() == state
    assert store.contains(config_map(api))
    store.delete()
    assert api.objects == {}


def test_state_of_an_older_revision_has_empty_fields(api: Any) -> None:
    store = store_on(api)
    store.write(STATE)
    api.patch(config_map(api), {"data": dict.fromkeys(("user", "adopt", "delete-data", "made"))})

    assert store.read() == State("v1.2", "installed", "digest", "", "", False, False)


def test_state_of_others_does_not_count(api: Any) -> None:
    metadata = {"name": NAME, "namespace": "kube-system"}
    api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
                "data": {"release": "x"}})  # fmt: skip

    assert store_on(api).read() == NOTHING


def test_new_state_begins_an_installation() -> None:
    assert new_state("v1.2", True) == State("v1.2", "installing", "", "", "", True, False)
    assert new_state("v1.2", False, "a") == State("v1.2", "installing", "", "", "a", False, False)
