"""State transitions of charm.py by ops' own testing tools."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from ops import testing

CHARM = Path(__file__).resolve().parents[3] / "charms/nvidia-runtime"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a folder."""
    monkeypatch.setenv("NVIDIA_RUNTIME_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    from charm import NvidiaRuntimeCharm

    return testing.Context(NvidiaRuntimeCharm, charm_root=CHARM)


def gpu(tmp_path: Path) -> None:
    """Give the machine a GPU."""
    device = tmp_path / "root/sys/bus/pci/devices/0000:0b:00.0"
    device.mkdir(parents=True)
    for name, text in (("vendor", "0x10de"), ("class", "0x030000"), ("device", "0x1eb8")):
        (device / name).write_text(text)


PRINCIPAL = testing.SubordinateRelation("juju-info", remote_app_name="kubernetes-worker")


@pytest.mark.parametrize("event", ["install", "config_changed", "start", "update_status"])
def test_without_a_gpu(context: testing.Context, event: str) -> None:
    """Active, and it says why nothing is done."""
    out = context.run(getattr(context.on, event)(), testing.State(relations={PRINCIPAL}))

    assert out.unit_status == testing.ActiveStatus("no GPU here")


def test_waits_for_an_engine(context: testing.Context, tmp_path: Path) -> None:
    """The principal installs docker or containerd later; no error till then."""
    gpu(tmp_path)
    (tmp_path / "root/usr/bin").mkdir(parents=True)
    (tmp_path / "root/usr/bin/nvidia-container-runtime").write_text("")
    state = testing.State(relations={PRINCIPAL}, config={"driver": "none"})
    out = context.run(context.on.relation_joined(PRINCIPAL), state)

    assert out.unit_status == testing.WaitingStatus(
        "neither docker nor containerd is installed yet"
    )


def test_a_toolkit_that_is_missing_is_blocked(context: testing.Context, tmp_path: Path) -> None:
    """toolkit=host asks for a program that must be there."""
    gpu(tmp_path)
    state = testing.State(config={"driver": "none", "toolkit": "host"})
    out = context.run(context.on.config_changed(), state)

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "set runtime-path" in out.unit_status.message


def test_good_options_after_bad_ones(context: testing.Context) -> None:
    """Blocked goes as soon as the option is mended."""
    bad = testing.State(config={"driver": "?"})
    blocked = context.run(context.on.config_changed(), bad)
    assert isinstance(blocked.unit_status, testing.BlockedStatus)

    mended = dataclasses.replace(blocked, config={})
    out = context.run(context.on.config_changed(), mended)
    assert out.unit_status == testing.ActiveStatus("no GPU here")


def test_verify_fails_with_its_reasons(context: testing.Context, tmp_path: Path) -> None:
    """The failures are the action's message, and in its results."""
    gpu(tmp_path)
    with pytest.raises(testing.ActionFailed) as raised:
        context.run(context.on.action("verify"), testing.State())

    assert "neither docker nor containerd is installed" in raised.value.message
    assert (context.action_results or {})["ok"] == "false"
