"""A machine with one GPU and docker, as files and scripted programs."""

from __future__ import annotations

from pathlib import Path

TOOLS = {
    "systemctl": 'case "$*" in *ActiveState,ExecStart*docker*) printf "LoadState=loaded\\n'
    "ActiveState=active\\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd://"
    " \\$DOCKER_OPTS ; ignore_errors=no ; }\\nEnvironmentFiles=/etc/default/docker"
    ' (ignore_errors=yes)\\n";; esac',
    "docker": 'echo \'{"Runtimes":{"nvidia":{"path":"/usr/bin/nvidia-container-runtime"}},'
    '"DefaultRuntime":"nvidia"}\'',
    "apt-get": "",
    "modprobe": "",
}


def with_gpu(root: Path) -> None:
    """Give the machine a GPU, docker and the toolkit."""
    device = root / "sys/bus/pci/devices/0000:0b:00.0"
    device.mkdir(parents=True)
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", "0x1eb8")):
        (device / name).write_text(text + "\n")
    runtime = root / "usr/bin/nvidia-container-runtime"
    runtime.parent.mkdir(parents=True)
    runtime.write_text("#!/bin/sh\n")
    (root / "etc/default").mkdir(parents=True)
    (root / "etc/default/docker").write_text('DOCKER_OPTS="--log-level=warn"\n')
