"""A machine with docker as the charm kubernetes-worker of 2019 leaves it, and a faked GPU.

The unit of charm layer-docker replaces the package's unit, /etc/default/docker holds DOCKER_OPTS,
and daemon.json is that of nvidia-docker2. The GPU is a directory of faked devices, and
nvidia-container-runtime is a script that hands over to runc: neither a GPU nor NVIDIA's toolkit is
available on a test machine.
"""

from __future__ import annotations

from typing import Any

from helpers.host.machines import Machine

LAYER_UNIT = """\
[Unit]
Description=Docker Application Container Engine
After=network.target docker.socket
Requires=docker.socket

[Service]
EnvironmentFile=-/etc/default/docker
Type=notify
ExecStart=/usr/bin/dockerd -H fd:// $DOCKER_OPTS
ExecReload=/bin/kill -s HUP $MAINPID
LimitNOFILE=1048576
LimitNPROC=1048576
LimitCORE=infinity
TimeoutStartSec=0
Delegate=yes
KillMode=process
Restart=on-failure
StartLimitBurst=3
StartLimitInterval=60s

[Install]
WantedBy=multi-user.target
"""
NVIDIA_DOCKER2 = {"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}}}
# With the worker's --default-runtime=nvidia dockerd refuses this file.
BROKEN_BY_WORKER = {**NVIDIA_DOCKER2, "default-runtime": "nvidia"}
# The drop-in of the botlab guide of 2019.
GUIDE = """\
[Service]
ExecStart=
ExecStart=/usr/bin/dockerd --host=fd:// --add-runtime=nvidia=/usr/bin/nvidia-container-runtime
"""
DAEMON = "/etc/docker/daemon.json"
OVERRIDE = "/etc/systemd/system/docker.service.d/override.conf"
HOOKS = ("install", "config-changed", "start")
SYSFS = "/lab/sysfs"
_RUNTIME_LOG = "/lab/runtime.log"
_RUNTIME = f"""\
#!/bin/sh
echo "$@" >> {_RUNTIME_LOG}
exec runc "$@"
"""


def add_gpu(machine: Machine, device: str = "0x1eb8") -> None:
    """Add a GPU to the machine's faked sysfs."""
    directory = f"{SYSFS}/bus/pci/devices/0000:0b:00.0"
    for name, text in (("vendor", "0x10de"), ("class", "0x030200"), ("device", device)):
        machine.write(f"{directory}/{name}", text + "\n")


def add_runtime(machine: Machine) -> None:
    """Add the script in the place of NVIDIA's runtime, and dockerd at its usual path."""
    machine.write("/usr/bin/nvidia-container-runtime", _RUNTIME, 0o755)
    machine.sh("[ -e /usr/bin/dockerd ] || ln -s /usr/sbin/dockerd /usr/bin/dockerd")


def render_worker(machine: Machine, opts: str) -> None:
    """Write unit and defaults as the worker does on every change of its configuration."""
    machine.write("/lib/systemd/system/docker.service", LAYER_UNIT)
    machine.write("/etc/default/docker", f'DOCKER_OPTS="{opts}"\n')
    machine.check("systemctl", "daemon-reload")


def restart_docker(machine: Machine) -> bool:
    """Restart docker as an administrator who knows the start limit; return whether it runs."""
    machine.run("systemctl", "reset-failed", "docker.service", "docker.socket")
    return machine.run("systemctl", "restart", "docker.service").code == 0


def runtimes(machine: Machine) -> tuple[bool, str]:
    """Return whether the running dockerd has the runtime nvidia, and its default runtime."""
    info: Any = machine.json("docker", "info", "--format", "{{json .}}")
    return "nvidia" in info["Runtimes"], info["DefaultRuntime"]


def main_process(machine: Machine, service: str = "docker") -> str:
    """Return the service's main process and its state, as systemd prints them."""
    return machine.check("systemctl", "show", "-p", "MainPID,ActiveState", service)


def is_active(machine: Machine, service: str = "docker") -> bool:
    """Return whether the service runs."""
    return main_process(machine, service).endswith("ActiveState=active\n")


def import_image(machine: Machine, program: str) -> None:
    """Import the image tiny:1 with one program of busybox."""
    machine.sh(
        "mkdir -p /tmp/i/bin; cp /bin/busybox /tmp/i/bin/;"
        f" ln -sf busybox /tmp/i/bin/{program}; tar -C /tmp/i -c . | docker import - tiny:1"
    )


def runs_container_with_nvidia(machine: Machine) -> bool:
    """Run a container that names no runtime; return whether it went through nvidia's."""
    import_image(machine, "echo")
    machine.sh(f"rm -f {_RUNTIME_LOG}")
    command = ("docker", "run", "--rm", "--network=none", "tiny:1", "/bin/echo", "ran")
    return machine.check(*command) == "ran\n" and machine.exists(_RUNTIME_LOG)
