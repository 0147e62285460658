"""Rules about GPU machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.assessments import assess_layer, paths_of


@pytest.mark.parametrize("role", ["control-plane", "easyrsa", "load-balancer"])
def test_gpu_machine_without_a_worker_is_reported(tmp_path: Path, role: str) -> None:
    """Relations of global scope between its applications and nvidia-runtime do not help."""
    machine = {"tags": ["gpu"], "roles": [role], "gpu": True, "addresses": ["10.0.0.20"]}
    findings = assess_layer(tmp_path, {"machines": {"gpu": machine}}).findings

    assert paths_of(findings, "BL052") == ["machines.gpu.gpu"]
