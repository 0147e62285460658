"""A machine with one GPU and docker, as files and scripted programs."""

from __future__ import annotations

from pathlib import Path

# The body of each program of the machine, for /bin/sh.
PROGRAMS = {
    "systemctl": 'case "$*" in *Id,LoadState*) printf "Id=docker.service\\nLoadState=loaded\\n";;'
    ' *ActiveState,ExecStart*docker*) printf "LoadState=loaded\\n'
    "ActiveState=active\\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd://"
    " \\$DOCKER_OPTS ; ignore_errors=no ; }\\nEnvironmentFiles=/etc/default/docker"
    " (ignore_errors=yes)\\n"
    'DropInPaths=/etc/systemd/system/docker.service.d/10-nvidia-runtime.conf\\n";; esac',
    "docker": 'echo \'{"Runtimes":{"nvidia":{"path":"/usr/bin/nvidia-container-runtime"}},'
    '"DefaultRuntime":"nvidia"}\'',
    "apt-get": "",
    "modprobe": "",
}


def add_programs(directory: Path, log: Path | None = None) -> None:
    """Write the machine's programs.

    Args:
        directory: The directory to write them into, which the charm has on its PATH.
        log: The file to which each program adds a line with its name and arguments.
    """
    for name, body in PROGRAMS.items():
        record = f'echo "{name} $*" >> {log}\n' if log else ""
        path = directory / name
        path.write_text(f"#!/bin/sh\n{record}{body}\n", encoding="utf-8")
        path.chmod(0o755)


def add_gpu(root: Path, device: str = "0x1eb8") -> None:
    """Add a GPU to the machine's sysfs, which lies below its root."""
    directory = root / "sys/bus/pci/devices/0000:0b:00.0"
    directory.mkdir(parents=True)
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", device)):
        (directory / name).write_text(text + "\n")


def add_runtime(root: Path) -> None:
    """Add a program in the place of NVIDIA's runtime."""
    runtime = root / "usr/bin/nvidia-container-runtime"
    runtime.parent.mkdir(parents=True)
    runtime.write_text("#!/bin/sh\n")


def make_gpu_machine(root: Path) -> None:
    """Add a GPU, docker's options and the runtime to a machine."""
    add_gpu(root)
    add_runtime(root)
    (root / "etc/default").mkdir(parents=True)
    (root / "etc/default/docker").write_text('DOCKER_OPTS="--log-level=warn"\n')
