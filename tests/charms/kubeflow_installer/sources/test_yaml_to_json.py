"""YAML is converted as Kubernetes reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from helpers.kubeflow.kustomize_standin import written
from kubeflow_installer.sources import yaml_to_json
from labcharm.machine import Machine

SCALARS = """\
date: 2020-01-01
default: =
time: 12:30:45
version: 190:20:30.15
octal: 0644
hex: 0x1F
float: 1.5
switch: yes
nothing: ~
quoted: "0644"
"""


@pytest.mark.parametrize("base", ["SafeLoader", "CSafeLoader"])
def test_scalars_are_read_as_kubernetes_reads_them(base: str) -> None:
    """Kubernetes has neither dates nor numbers to base 60."""
    if not hasattr(yaml, base):
        pytest.skip("this PyYAML has no libyaml")

    assert yaml_to_json.documents(SCALARS, getattr(yaml, base)) == [
        {
            "date": "2020-01-01", "default": "=", "time": "12:30:45", "version": "190:20:30.15",
            "octal": 420, "hex": 31, "float": 1.5, "switch": True, "nothing": None,
            "quoted": "0644",
        }
    ]  # fmt: skip


def test_program_converts_a_file(tmp_path: Path) -> None:
    """It is run by whatever Python the machine has."""
    source, target = written(tmp_path / "in", SCALARS), tmp_path / "out"
    program = yaml_to_json.__file__
    result = Machine().run([sys.executable, program, str(source), str(target)])

    if hasattr(yaml, "CSafeLoader"):
        assert result.code == 0
        assert json.loads(target.read_text())[0]["date"] == "2020-01-01"
    else:
        assert result.code == yaml_to_json.WITHOUT_LIBYAML
