"""What differs between the releases of Juju: leader settings before 2.7, and names."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labcharm.compat import LeaderData, SecretData, identity


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
