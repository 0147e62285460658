"""What differs between the releases of Juju: leader settings before 2.7, and names."""

from __future__ import annotations

import json
import os
import subprocess
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labcharm.compat import (
    LeaderData,
    SecretData,
    identity,
    is_being_removed,
    planned_units,
    relations,
    secret_reader,
    unit_networks,
    user_secret_reader,
)
from labcharm.errors import WaitingError


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a unit of Juju 2.6 its hook tools; return the file of the leader settings."""
    path = tmp_path / "settings.json"
    tools = {
        "leader-get": f'[ "$*" = "--format json" ] || exit 2; [ ! -e {path} ] || cat {path}',
        "leader-set": f'[ "$*" = "--file -" ] || exit 2; cat > {path}',
    }
    for name, body in tools.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("JUJU_VERSION", "2.6.10")
    return path


def test_leader_settings_hold_the_values_before_juju_2_7(settings: Path) -> None:
    """They need no relation, and are written by standard input."""
    data = LeaderData(SimpleNamespace(), "peers")  # type: ignore[arg-type]
    data.check_writable()

    assert data.read() == {}
    data.write({"a": "1", "b": ""})
    assert json.loads(settings.read_text()) == {"a": "1", "b": ""}
    assert data.read() == {"a": "1", "b": ""}
    settings.write_text("null")
    assert data.read() == {}


def test_secret_is_among_the_leader_settings_where_juju_has_no_secrets(settings: Path) -> None:
    """The same strings give the same text, so that nothing is written for them."""
    charm: Any = SimpleNamespace(model=SimpleNamespace())
    secret = SecretData(charm, LeaderData(charm, "peers"), "keys")
    assert secret.read() == {}

    secret.write({"b": "2", "a": "1"})
    assert json.loads(settings.read_text()) == {"keys": '{"a": "1", "b": "2"}'}
    assert secret.read() == {"a": "1", "b": "2"}
    settings.write_text(json.dumps({"keys": '{"a": '}))
    assert secret.read() == {}  # damaged
    secret.remove()
    assert json.loads(settings.read_text()) == {"keys": ""}
    assert secret.read() == {}


@pytest.mark.parametrize("tool", ["leader-get", "leader-set"])
def test_failed_hook_tool_ends_the_hook(settings: Path, tool: str) -> None:
    """Juju runs it again. A value that was not stored must not look stored."""
    (settings.parent / tool).write_text("#!/bin/sh\nexit 1\n")
    data = LeaderData(SimpleNamespace(), "peers")  # type: ignore[arg-type]

    with pytest.raises(subprocess.CalledProcessError):
        data.read() if tool == "leader-get" else data.write({"a": "1"})


@pytest.mark.parametrize(
    ("model", "name", "expected"),
    [
        ("d3a1f0c2-aaaa", "lab", "lab.d3a1f0c2"),
        ("", "lab", "lab"),
        ("d3a1f0c2-aaaa", "a" * 60, f"{'a' * 54}.d3a1f0c2"),
    ],
)
def test_identity_has_the_model_and_at_most_63_characters(
    monkeypatch: pytest.MonkeyPatch, model: str, name: str, expected: str
) -> None:
    monkeypatch.delenv("JUJU_MODEL_UUID", raising=False)
    if model:
        monkeypatch.setenv("JUJU_MODEL_UUID", model)
    charm: Any = SimpleNamespace(app=SimpleNamespace(name=name))

    assert identity(charm) == expected
    assert len(expected) <= 63


class RelationBrokenEvent(SimpleNamespace):
    """The end of a relation."""


class RelationChangedEvent(SimpleNamespace):
    """A change of a relation."""


def test_relation_that_is_being_broken_does_not_count() -> None:
    first, second = SimpleNamespace(id=1), SimpleNamespace(id=2)
    charm: Any = SimpleNamespace(model=SimpleNamespace(relations={"peers": [first, second]}))
    broken: Any = RelationBrokenEvent(relation=SimpleNamespace(id=1))
    changed: Any = RelationChangedEvent(relation=first)

    assert relations(charm, "peers", broken) == [second]
    assert relations(charm, "peers", changed) == [first, second]
    assert relations(charm, "peers") == [first, second]


@pytest.mark.parametrize(("units", "is_removed"), [(0, True), (1, False), (2, False)])
def test_application_without_planned_units_is_being_removed(units: int, is_removed: bool) -> None:
    charm: Any = SimpleNamespace(app=SimpleNamespace(planned_units=lambda: units))

    assert planned_units(charm) == units
    assert is_being_removed(charm) is is_removed


def test_application_is_not_being_removed_if_juju_does_not_answer() -> None:
    def fail() -> int:
        raise RuntimeError

    charm: Any = SimpleNamespace(app=SimpleNamespace(planned_units=fail))

    assert planned_units(charm) == 1
    assert is_being_removed(charm) is False


class Bag(dict[str, str]):
    """A data bag that counts what is written."""

    writes = 0

    def __setitem__(self, key: str, text: str) -> None:
        self.writes += 1
        if text:
            super().__setitem__(key, text)
        else:
            self.pop(key, None)


@pytest.mark.parametrize("version", ["2.7.0", "2.9.49", "3.6.1", None])
def test_leader_data_is_in_the_peer_relation_from_juju_2_7_on(
    monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    """Only what changes is written; without the relation the unit waits."""
    monkeypatch.delenv("JUJU_VERSION", raising=False)
    if version:
        monkeypatch.setenv("JUJU_VERSION", version)
    app, bag = object(), Bag(a="1", b="2")
    relation = SimpleNamespace(data={app: bag})
    model = SimpleNamespace(relations={"peers": [relation], "x": []})
    data = LeaderData(SimpleNamespace(app=app, model=model), "peers")  # type: ignore[arg-type]
    data.check_writable()
    data.write({"a": "1", "b": "3", "c": ""})

    assert data.read() == {"a": "1", "b": "3"}
    assert bag.writes == 1
    missing = LeaderData(SimpleNamespace(app=app, model=model), "x")  # type: ignore[arg-type]
    assert missing.read() == {}
    for write in (missing.check_writable, lambda: missing.write({"a": "1"})):
        with pytest.raises(WaitingError) as raised:
            write()
        assert str(raised.value) == "the peer relation x does not exist yet"


@pytest.mark.parametrize(
    ("version", "reads"),
    [("", False), ("2.9.49", False), ("3.2.4", False), ("3.3.0", True), ("4.0.1", True)],
)
def test_secrets_of_users_are_read_from_juju_3_3_on(
    monkeypatch: pytest.MonkeyPatch, version: str, reads: bool
) -> None:
    """The ops of the archive for Ubuntu 18.04 and 20.04 reads none on any Juju."""
    monkeypatch.setenv("JUJU_VERSION", version)
    charm: Any = SimpleNamespace(model=SimpleNamespace(get_secret=lambda **_: None))

    assert (user_secret_reader(charm) is not None) is reads
    assert user_secret_reader(SimpleNamespace(model=object())) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "reads"), [("2.9.49", False), ("3.0.3", True), ("4.0.1", True), ("x", False)]
)
def test_secrets_are_read_by_their_id_from_juju_3_on(
    monkeypatch: pytest.MonkeyPatch, version: str, reads: bool
) -> None:
    """The latest content is read; an error shows its class alone, and not the secret."""
    monkeypatch.setenv("JUJU_VERSION", version)
    requests: list[Any] = []

    def get_secret(**query: str) -> Any:
        if query["id"] == "secret:none":
            raise RuntimeError("hunter2")
        content = {"password": "p"}
        return SimpleNamespace(
            get_content=lambda refresh: requests.append((query, refresh)) or content
        )

    charm: Any = SimpleNamespace(model=SimpleNamespace(get_secret=get_secret))
    read = secret_reader(charm)
    assert (read is not None) is reads
    if read is None:
        return
    assert read("abc") == read("secret:abc") == {"password": "p"}
    assert requests == [({"id": "secret:abc"}, True)] * 2
    with pytest.raises(LookupError) as raised:
        read("none")
    assert str(raised.value) == "RuntimeError"
    assert secret_reader(SimpleNamespace(model=object())) is None  # type: ignore[arg-type]


def test_networks_of_the_unit_are_those_of_an_endpoint() -> None:
    """An interface may have an address without a network."""
    interfaces = [SimpleNamespace(subnet=ip_network("10.0.0.0/24")), SimpleNamespace(subnet=None)]
    bindings = {"units": SimpleNamespace(network=SimpleNamespace(interfaces=interfaces))}
    charm: Any = SimpleNamespace(model=SimpleNamespace(get_binding=bindings.get))

    assert unit_networks(charm, "units") == ["10.0.0.0/24"]
    assert unit_networks(charm, "unknown") == [], "Juju does not answer"
