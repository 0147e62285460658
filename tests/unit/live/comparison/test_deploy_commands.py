"""The commands that `juju deploy` makes unnecessary, and those that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.live.comparison import Comparison
from helpers.small_labs import DeployedLab, deployed_lab


@pytest.fixture
def lab(tmp_path: Path) -> DeployedLab:
    """Return a deployed lab of Juju 3.6."""
    return deployed_lab(tmp_path, "3.6")


def commands(comparison: Comparison, *, is_part_of_deploy: bool) -> list[str]:
    """Return the texts of the commands of one kind."""
    return [
        command.text()
        for command in comparison.commands()
        if command.is_part_of_deploy is is_part_of_deploy
    ]


def test_deploy_adds_and_sets(lab: DeployedLab) -> None:
    bundle = yaml.safe_load(lab.path.read_text())
    bundle["applications"]["store"] |= {
        "options": {"colour": "red"},
        "constraints": "arch=amd64 mem=8G",
        "num_units": 2,
        "to": ["1", "0"],
    }
    bundle["relations"].append(["web:cache", "store:replica"])
    bundle["saas"] = {"remote": {"url": "ctrl:admin/other.remote"}}
    lab.path.write_text(yaml.safe_dump(bundle))

    comparison = lab.compare()

    assert commands(comparison, is_part_of_deploy=False) == []
    assert commands(comparison, is_part_of_deploy=True) == [
        "juju config store colour=red",
        "juju set-constraints store arch=amd64 mem=8G",
        "juju integrate web:cache store:replica",
        "juju consume ctrl:admin/other.remote remote",
        "juju add-unit store --to 0",
    ]


def test_deploy_neither_removes_nor_resets(lab: DeployedLab) -> None:
    bundle = yaml.safe_load(lab.path.read_text())
    bundle["applications"]["web"] |= {"num_units": 1, "to": ["0"], "expose": False}
    del bundle["applications"]["web"]["options"]
    del bundle["applications"]["agent"]
    bundle["relations"] = []
    lab.path.write_text(yaml.safe_dump(bundle))

    comparison = lab.compare()

    assert commands(comparison, is_part_of_deploy=True) == []
    assert commands(comparison, is_part_of_deploy=False) == [
        "juju config web --reset colour,size",
        "juju unexpose web",
        "juju remove-relation store:db web:db",
        "juju remove-unit web/1",
        "juju remove-application agent",
    ]
