"""Files and outputs of others that are damaged: they are read or named, never a traceback."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from helpers.damage import damaged, damaged_texts
from helpers.public_key import ARMOURED, PACKET
from labcharm.machine import CommandResult, Machine
from nvidia_runtime.host.keys import ToolkitKeyError, dearmour, fingerprint
from reconciler import containerd, docker
from reconciler.command_line import flags_of, read_unit
from reconciler.config_toml import remove_edits
from reconciler.installation import DISTRIBUTION
from reconciler.settings import RuntimeSettings

SETTINGS = RuntimeSettings("/usr/bin/nvidia-container-runtime", (), True)
DAEMON = {
    "runtimes": {"nvidia": {"path": "nvidia-container-runtime"}, "x": {"path": "y"}},
    "default-runtime": "x",
    "hosts": ["a"],
}
RECORD = {"files": ["/etc/containerd/config.toml"], "made": False}
ORIGINAL = {"runtime": None, "default": "x", "made": True}
CONTAINERD = """\
version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "nvidia"  # by nvidia-runtime, before: "default_runtime_name = \\"a\\""
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
"""
UNIT = """\
LoadState=loaded
ActiveState=active
ExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// $OPTS ; ignore_errors=no }
Environment=OPTS="--add-runtime nvidia=/x" A=b
"""


class Printer(Machine):
    """A machine whose programs print one output."""

    output = ""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Print it."""
        del command, timeout
        return CommandResult(0, self.output, "")


def test_damaged_files_of_docker_are_reconciled_or_a_problem(tmp_path: Path) -> None:
    machine = Printer(str(tmp_path))
    for file, content in ((docker.FILE, DAEMON), (docker.ORIGINAL_FILE, ORIGINAL)):
        for text in damaged_texts(json.dumps(content)):
            machine.write(docker.FILE, json.dumps(DAEMON))
            machine.write(docker.ORIGINAL_FILE, json.dumps(ORIGINAL))
            machine.write(file, text)
            docker.reconcile(machine, SETTINGS, {})
            docker.restore(machine)


@pytest.mark.parametrize("comment", ['"a', "", "a", "[" * 100_000])
def test_edited_comment_of_the_charms_line_restores_no_default(comment: str) -> None:
    """The line that it replaced is lost; containerd then uses its own default."""
    line = f'default_runtime_name = "nvidia"  # by nvidia-runtime, before: {comment}\n'

    assert remove_edits(f"version = 2\n{line}") == "version = 2\n"


def test_damaged_files_of_containerd_are_reconciled_or_a_problem(tmp_path: Path) -> None:
    machine = Printer(str(tmp_path))
    for text in damaged_texts(CONTAINERD):
        machine.write(containerd.record_file(DISTRIBUTION), json.dumps(RECORD))
        machine.write("/etc/containerd/config.toml", text)
        containerd.reconcile(machine, SETTINGS, {})
        containerd.restore(machine)


def test_damaged_output_of_systemd_is_a_unit(tmp_path: Path) -> None:
    machine = Printer(str(tmp_path))
    for machine.output in damaged_texts(UNIT):
        flags_of(read_unit(machine, "docker.service", {}).args)


def test_damaged_key_is_a_key_or_the_charms_error() -> None:
    for copy in [*damaged(ARMOURED.encode()), *damaged(PACKET)]:
        with suppress(ToolkitKeyError):
            fingerprint(dearmour(copy))
