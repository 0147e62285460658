"""State transitions of the charm, with the testing module of ops."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.gpu_machine import add_gpu, add_runtime

CHARM = Path(__file__).resolve().parents[3] / "charms/nvidia-runtime"
PRINCIPAL = testing.SubordinateRelation("juju-info", remote_app_name="kubernetes-worker")
IDLE = testing.ActiveStatus("no GPU on this machine")


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a directory."""
    monkeypatch.setenv("NVIDIA_RUNTIME_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return testing.Context(load("nvidia-runtime").NvidiaRuntimeCharm, charm_root=CHARM)


@pytest.mark.parametrize("event", ["install", "config_changed", "start", "update_status"])
def test_unit_without_a_gpu_is_active(context: testing.Context, event: str) -> None:
    """The status says why nothing is done."""
    out = context.run(getattr(context.on, event)(), testing.State(relations={PRINCIPAL}))

    assert out.unit_status == IDLE


def test_unit_waits_for_an_engine(context: testing.Context, tmp_path: Path) -> None:
    """The principal installs docker or containerd later."""
    add_gpu(tmp_path / "root")
    add_runtime(tmp_path / "root")
    state = testing.State(relations={PRINCIPAL}, config={"driver": "none"})
    out = context.run(context.on.relation_joined(PRINCIPAL), state)

    assert out.unit_status == testing.WaitingStatus(
        "neither docker nor containerd is installed yet"
    )


def test_missing_toolkit_blocks(context: testing.Context, tmp_path: Path) -> None:
    """toolkit=host asks for a program that must exist."""
    add_gpu(tmp_path / "root")
    state = testing.State(config={"driver": "none", "toolkit": "host"})
    out = context.run(context.on.config_changed(), state)

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "set runtime-path" in out.unit_status.message


def test_blocked_ends_when_the_option_is_fixed(context: testing.Context) -> None:
    """The next hook sets the status anew."""
    bad = testing.State(config={"driver": "?"})
    blocked = context.run(context.on.config_changed(), bad)
    assert isinstance(blocked.unit_status, testing.BlockedStatus)

    fixed = dataclasses.replace(blocked, config={})
    out = context.run(context.on.config_changed(), fixed)
    assert out.unit_status == IDLE


def test_failed_verify_gives_its_reasons(context: testing.Context, tmp_path: Path) -> None:
    """The failures are the action's message, and are in its results."""
    add_gpu(tmp_path / "root")
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify"), testing.State())

    assert "neither docker nor containerd is installed" in raised.value.message
    assert (context.action_results or {})["ok"] == "false"
