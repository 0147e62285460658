"""The command `botlab status`, with a model and a cluster in memory."""

from __future__ import annotations

import json

import pytest

from botlab.cli.commands.status import run
from botlab.cli.parser import build_parser
from botlab.live.cluster.access import ClusterAccess
from botlab.live.errors import ModelMissingError
from botlab.live.lab import Lab
from botlab.live.live_model import LiveModel
from botlab.live.status.model import StatusInfo
from helpers.clusters import healthy_cluster
from helpers.live_models import (
    EXAMPLES,
    FakeModel,
    StatusStep,
    connection_to,
    example_lab,
    ready_status,
    with_unit,
)

SITE = str(EXAMPLES / "modern" / "site.yaml")
READY = ready_status(example_lab())
BLOCKED = with_unit(READY, "metallb/0", workload=StatusInfo("blocked", "set addresses"))


def status(step: StatusStep, *options: str) -> int:
    """Run the command."""
    args = build_parser().parse_args(["status", SITE, *options])

    def open_cluster(model: LiveModel, lab: Lab, seconds: float) -> ClusterAccess:
        assert isinstance(model, FakeModel)
        assert 0 < seconds <= 120
        return healthy_cluster(lab, READY)

    return run(args, connection_to(FakeModel([step])), open_cluster)


def test_healthy_lab_has_exit_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(READY) == 0
    assert capsys.readouterr().out.startswith("modern: healthy (model ctrl:modern, Juju 3.6.11)\n")


def test_lab_with_a_blocked_unit_has_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(BLOCKED) == 1
    assert "metallb/0 blocked: set addresses" in capsys.readouterr().out


def test_json_has_the_same_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(BLOCKED, "--format", "json") == 1

    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["missing"][0]["name"]) == (False, "metallb/0")


def test_model_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ModelMissingError) as raised:
        status(ModelMissingError("modern", "no model modern"))

    assert raised.value.exit_status == 2
